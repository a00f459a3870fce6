import { useEffect, useRef, useState } from 'react'

/** What phones play as a voice note comes first; others are converted by the server, where it can. */
const TYPES = ['audio/ogg;codecs=opus', 'audio/webm;codecs=opus', 'audio/mp4'] as const

export type Recorder =
  | { state: 'idle'; start(): void; error?: unknown }
  | { state: 'recording'; startedAt: number; stop(): void; drop(): void }

/** Whether this browser, in this page, lets anybody record: not where the page came by plain http. */
export function canRecord(): boolean {
  return typeof MediaRecorder !== 'undefined' && navigator.mediaDevices !== undefined
}

/** Records a voice by the microphone. `onDone` gets it when it is stopped; what is dropped, or left, is gone. */
export function useRecorder(onDone: (voice: Blob) => void): Recorder {
  const [running, setRunning] = useState<{ recorder: MediaRecorder; startedAt: number }>()
  const [error, setError] = useState<unknown>()
  const dropped = useRef(false)
  useEffect(() => {
    if (!running) return undefined
    return () => {
      dropped.current = true
      end(running.recorder)
    }
  }, [running])

  const start = async () => {
    setError(undefined)
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true })
      const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type))
      const recorder = new MediaRecorder(stream, mimeType === undefined ? {} : { mimeType })
      const parts: Blob[] = []
      dropped.current = false
      recorder.ondataavailable = ({ data }) => parts.push(data)
      recorder.onstop = () => {
        for (const track of stream.getTracks()) track.stop()
        setRunning(undefined)
        if (!dropped.current) onDone(new Blob(parts, { type: recorder.mimeType }))
      }
      recorder.start()
      setRunning({ recorder, startedAt: Date.now() })
    } catch (problem) {
      setError(problem)
    }
  }

  if (!running) return { state: 'idle', start: () => void start(), ...(error === undefined ? {} : { error }) }
  return {
    state: 'recording',
    startedAt: running.startedAt,
    stop: () => end(running.recorder),
    drop: () => {
      dropped.current = true
      end(running.recorder)
    },
  }
}

function end(recorder: MediaRecorder): void {
  if (recorder.state !== 'inactive') recorder.stop()
}

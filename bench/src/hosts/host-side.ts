import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** What is measured of a side. */
export type Kind = 'http' | 'sockets'

/** Whose it is: what is compared with, or ours. */
export type Side = 'bare' | 'trunkline'

/** One side as a process of its own. */
export interface HostSide {
  place: { url: string; token: string }
  /** Of the whole process so far: user and system, all threads. */
  cpuMicros(): Promise<number>
  /** Sends so many events to everybody. */
  emit(events: number): void
  /** Sends events until nobody listens any more; how many bytes of memory it took at most. */
  floodUntilAlone(): Promise<number>
  stop(): void
}

export async function startSide(kind: Kind, side: Side): Promise<HostSide> {
  const path = fileURLToPath(new URL(`./${kind}-child.ts`, import.meta.url))
  const child = fork(path, [side], { execArgv: process.execArgv })
  const place = await answerOf<HostSide['place']>(child, `${kind} ${side}`)
  const ask = async (question: object) => {
    child.send(question)
    return await answerOf<number>(child, `${kind} ${side}`)
  }
  return {
    place,
    cpuMicros: () => ask({ cpu: true }),
    emit: (events) => void child.send({ emit: events }),
    floodUntilAlone: () => ask({ flood: true }),
    stop: () => void child.kill(),
  }
}

async function answerOf<Answer>(child: ChildProcess, name: string): Promise<Answer> {
  const listening = new AbortController()
  const { signal } = listening
  try {
    const [answer] = await Promise.race([
      once(child, 'message', { signal }),
      once(child, 'exit', { signal }).then(([code]) => Promise.reject(new Error(`${name} ended with ${String(code)}`))),
    ])
    return answer as Answer
  } finally {
    listening.abort()
  }
}

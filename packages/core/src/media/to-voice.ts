import { spawn } from 'node:child_process'
import { TrunklineError } from '../errors/trunkline-error.js'

/** What ffmpeg may take the input for: nothing that names other files, as playlists do. */
const FORMATS = 'aac,ac3,aiff,amr,caf,flac,m4a,matroska,webm,mov,mp3,mp4,ogg,wav,w64,asf,avi,3gp'
/** Before every input: files of these kinds, and no more than the one that is named. */
export const SAFE_INPUT = ['-protocol_whitelist', 'file', '-format_whitelist', FORMATS]
const MAX_COMPLAINT = 300

/**
 * Makes a voice note (Ogg with Opus, one channel) of a file, by the ffmpeg on the PATH.
 *
 * @throws UNSUPPORTED_MEDIA_TYPE with the reason: there is no ffmpeg, or it cannot read the file · OPERATION_ABORTED
 */
export function toVoice(from: string, to: string, signal: AbortSignal | undefined): Promise<void> {
  const input = [...SAFE_INPUT, '-i', from]
  const output = [
    '-vn',
    '-map_metadata',
    '-1',
    '-c:a',
    'libopus',
    '-b:a',
    '32k',
    '-ar',
    '48000',
    '-ac',
    '1',
    '-f',
    'ogg',
    to,
  ]
  return new Promise((resolve, reject) => {
    const ffmpeg = spawn('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y', ...input, ...output], {
      stdio: ['ignore', 'ignore', 'pipe'],
      ...(signal ? { signal } : {}),
    })
    let complaint = ''
    ffmpeg.stderr.on('data', (text: Buffer) => {
      if (complaint.length < MAX_COMPLAINT) complaint += text.toString()
    })
    ffmpeg.on('error', (cause) => {
      if (signal?.aborted) reject(new TrunklineError('OPERATION_ABORTED', { cause: signal.reason }))
      else
        reject(
          unsupported(
            'A voice note has to be Ogg with Opus: to make it of anything else, ffmpeg has to be on the PATH',
            cause,
          ),
        )
    })
    ffmpeg.on('close', (code) => {
      if (code === 0) resolve()
      else
        reject(
          unsupported('ffmpeg cannot make a voice note of this file', new Error(complaint.slice(0, MAX_COMPLAINT))),
        )
    })
  })
}

export function unsupported(why: string, cause?: unknown): TrunklineError<'UNSUPPORTED_MEDIA_TYPE'> {
  return new TrunklineError('UNSUPPORTED_MEDIA_TYPE', { message: `media: ${why}`, cause, details: { field: 'media' } })
}

import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { TrunklineError } from '../errors/trunkline-error.js'
import type { FileFacts } from '../ports/media-desk.js'
import { SAFE_INPUT } from './to-voice.js'

const run = promisify(execFile)

/** A film that takes longer than this to be looked at is sent without. */
const TIMEOUT_MS = 20_000
const THUMBNAIL_PX = 72
/** Larger ones no phone takes. */
const MAX_THUMBNAIL_BYTES = 16 * 1024

interface Looking {
  /** Where a file may be put for a moment. */
  folder: string
  signal: AbortSignal | undefined
}

/**
 * Size, duration and small picture of a film, as far as ffprobe and ffmpeg are on the PATH and can tell. What they cannot is left out.
 *
 * @throws OPERATION_ABORTED
 */
export async function filmFacts(path: string, looking: Looking): Promise<Partial<FileFacts>> {
  const [facts, thumbnail] = await Promise.all([probed(path, looking), frameOf(path, looking)])
  return { ...facts, ...(facts.width && thumbnail ? { thumbnail } : {}) }
}

/** The duration of sound, as far as ffprobe is on the PATH and can tell. @throws OPERATION_ABORTED */
export async function soundFacts(path: string, looking: Looking): Promise<Pick<FileFacts, 'seconds'>> {
  const { seconds } = await probed(path, looking)
  return seconds ? { seconds } : {}
}

async function probed(path: string, looking: Looking): Promise<ReturnType<typeof factsIn>> {
  const entries = 'stream=width,height:stream_tags=rotate:stream_side_data=rotation:format=duration'
  const asked = ['-v', 'error', ...SAFE_INPUT, '-select_streams', 'v:0', '-show_entries', entries, '-of', 'json', path]
  const told = await unlessFailed(run('ffprobe', asked, limitsOf(looking)), looking)
  return told ? factsIn(told.stdout) : {}
}

/** What ffprobe tells, as far as it can be true. */
export function factsIn(json: string): Pick<FileFacts, 'width' | 'height' | 'seconds'> {
  const { streams, format } = parsed(json)
  const [stream] = Array.isArray(streams) ? streams : []
  const seconds = Number(format?.duration)
  const { width = 0, height = 0 } = stream ?? {}
  const isSize = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0
  const turn = Number(stream?.side_data_list?.[0]?.rotation ?? stream?.tags?.rotate ?? 0)
  const size = Math.abs(turn) % 180 === 90 ? { width: height, height: width } : { width, height }
  return { ...(isSize ? size : {}), ...(seconds > 0 && Number.isFinite(seconds) ? { seconds } : {}) }
}

interface Told {
  streams?: { width?: number; height?: number; tags?: { rotate?: string }; side_data_list?: { rotation?: number }[] }[]
  format?: { duration?: string }
}

function parsed(json: string): Told {
  try {
    const told: unknown = JSON.parse(json)
    return typeof told === 'object' && told !== null ? told : {}
  } catch {
    return {}
  }
}

/** The first picture of the film, small. */
async function frameOf(path: string, looking: Looking): Promise<Uint8Array | undefined> {
  const to = join(looking.folder, 'frame.jpg')
  const scale = `scale=${THUMBNAIL_PX}:${THUMBNAIL_PX}:force_original_aspect_ratio=decrease`
  const frame = ['-frames:v', '1', '-vf', scale, '-map_metadata', '-1', '-c:v', 'mjpeg', '-f', 'image2', '-y', to]
  const asked = ['-hide_banner', '-loglevel', 'error', '-nostdin', ...SAFE_INPUT, '-i', path, ...frame]
  const made = await unlessFailed(run('ffmpeg', asked, limitsOf(looking)), looking)
  const bytes = made && (await unlessFailed(readFile(to), looking))
  const isJpeg = bytes?.[0] === 0xff && bytes[1] === 0xd8
  return isJpeg && bytes.length <= MAX_THUMBNAIL_BYTES ? Uint8Array.from(bytes) : undefined
}

function limitsOf({ signal }: Looking) {
  return { timeout: TIMEOUT_MS, killSignal: 'SIGKILL' as const, maxBuffer: 256 * 1024, ...(signal ? { signal } : {}) }
}

async function unlessFailed<Result>(work: Promise<Result>, { signal }: Looking): Promise<Result | undefined> {
  try {
    return await work
  } catch {
    if (signal?.aborted) throw new TrunklineError('OPERATION_ABORTED', { cause: signal.reason })
    return undefined
  }
}

/** What a voice note shows: how long it is, and how loud where. */
export interface VoiceFacts {
  seconds: number
  /** 64 values from 0 to 100. */
  waveform: Uint8Array
}

const BARS = 64
const OPUS_RATE = 48_000
const PAGE_HEADER_BYTES = 27

/**
 * Reads an Ogg file with Opus page by page; `undefined` when it is none. Nothing is decoded: Opus spends more bytes on what is
 * louder, so the bars are the sizes of its packets. The sound itself is passed over: a chunk is good until the next one is asked for.
 */
export async function readOggOpus(chunks: AsyncIterable<Uint8Array>): Promise<VoiceFacts | undefined> {
  const packets: number[] = []
  let samples = 0
  let preSkip: number | undefined
  let packetBytes = 0
  let held: Buffer = Buffer.alloc(0)
  let page: Page | undefined
  /** Of the page: what has not come yet. */
  let missing = 0
  const ended = ({ granule, laces }: Page) => {
    if (granule >= 0) samples = granule
    for (const lace of laces) {
      packetBytes += lace
      // 255 means that the packet goes on.
      if (lace === 255) continue
      packets.push(packetBytes)
      packetBytes = 0
    }
  }
  for await (const chunk of chunks) {
    let bytes = held.length === 0 ? viewOf(chunk) : Buffer.concat([held, chunk])
    for (;;) {
      if (page) {
        const passed = Math.min(missing, bytes.length)
        bytes = bytes.subarray(passed)
        missing -= passed
        if (missing > 0) break
        ended(page)
      }
      const next = pageAt(bytes, { withBody: preSkip === undefined })
      if (next === 'broken') return undefined
      if (!next) {
        page = undefined
        break
      }
      preSkip ??= preSkipIn(next.body)
      if (preSkip === undefined) return undefined
      missing = next.length
      // The memory of a chunk is good for this turn alone.
      page = missing > bytes.length ? { ...next, laces: Buffer.from(next.laces) } : next
    }
    held = Buffer.from(bytes)
  }
  if (preSkip === undefined) return undefined
  // The first two are the head and the tags.
  return { seconds: Math.max(samples - preSkip, 0) / OPUS_RATE, waveform: barsOf(packets.slice(2)) }
}

interface Page {
  /** Below 0 where no packet ends in it. */
  granule: number
  laces: Buffer
  /** As far as it is there. */
  body: Buffer
  length: number
}

/** `undefined`: more has to come, of its head or, where that is asked for, of its body too. */
function pageAt(bytes: Buffer, { withBody }: { withBody: boolean }): Page | 'broken' | undefined {
  if (bytes.length < PAGE_HEADER_BYTES) return undefined
  if (bytes.toString('latin1', 0, 4) !== 'OggS') return 'broken'
  const bodyAt = PAGE_HEADER_BYTES + (bytes[26] ?? 0)
  if (bytes.length < bodyAt) return undefined
  const laces = bytes.subarray(PAGE_HEADER_BYTES, bodyAt)
  let length = bodyAt
  for (const lace of laces) length += lace
  if (withBody && bytes.length < length) return undefined
  const granule = bytes.readUInt32LE(6) + bytes.readInt32LE(10) * 2 ** 32
  return { granule, laces, body: bytes.subarray(bodyAt, length), length }
}

function viewOf(chunk: Uint8Array): Buffer {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
}

function preSkipIn(body: Buffer): number | undefined {
  return body.length >= 12 && body.toString('latin1', 0, 8) === 'OpusHead' ? body.readUInt16LE(10) : undefined
}

function barsOf(packets: readonly number[]): Uint8Array {
  const bars = Array.from({ length: BARS }, (_, index) => {
    const part = packets.slice(
      Math.floor((index * packets.length) / BARS),
      Math.max(Math.floor(((index + 1) * packets.length) / BARS), Math.floor((index * packets.length) / BARS) + 1),
    )
    return part.length === 0 ? 0 : part.reduce((sum, bytes) => sum + bytes, 0) / part.length
  })
  const loudest = Math.max(...bars, 1)
  return Uint8Array.from(bars, (bar) => Math.round((bar / loudest) * 100))
}

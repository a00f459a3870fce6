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
 * louder, so the bars are the sizes of its packets.
 */
export async function readOggOpus(chunks: AsyncIterable<Uint8Array>): Promise<VoiceFacts | undefined> {
  const packets: number[] = []
  let samples = 0
  let preSkip: number | undefined
  let held: Buffer = Buffer.alloc(0)
  let packetBytes = 0
  for await (const chunk of chunks) {
    held = Buffer.concat([held, chunk])
    for (;;) {
      const page = pageAt(held)
      if (page === 'broken') return undefined
      if (!page) break
      preSkip ??= preSkipIn(page.body)
      if (preSkip === undefined) return undefined
      if (page.granule >= 0n) samples = Number(page.granule)
      for (const lace of page.laces) {
        packetBytes += lace
        // 255 means that the packet goes on.
        if (lace === 255) continue
        packets.push(packetBytes)
        packetBytes = 0
      }
      held = held.subarray(page.length)
    }
  }
  if (preSkip === undefined) return undefined
  // The first two are the head and the tags.
  return { seconds: Math.max(samples - preSkip, 0) / OPUS_RATE, waveform: barsOf(packets.slice(2)) }
}

interface Page {
  granule: bigint
  laces: Buffer
  body: Buffer
  length: number
}

/** `undefined`: more has to come. */
function pageAt(bytes: Buffer): Page | 'broken' | undefined {
  if (bytes.length < PAGE_HEADER_BYTES) return undefined
  if (bytes.toString('latin1', 0, 4) !== 'OggS') return 'broken'
  const count = bytes[26] ?? 0
  const bodyAt = PAGE_HEADER_BYTES + count
  if (bytes.length < bodyAt) return undefined
  const laces = bytes.subarray(PAGE_HEADER_BYTES, bodyAt)
  const length = bodyAt + laces.reduce((sum, lace) => sum + lace, 0)
  if (bytes.length < length) return undefined
  return { granule: bytes.readBigInt64LE(6), laces, body: bytes.subarray(bodyAt, length), length }
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

/** An Ogg file with so many seconds of Opus, in packets of 20 ms that get larger. */
export function oggOpus(seconds: number): Buffer {
  const head = Buffer.alloc(19)
  head.write('OpusHead', 'latin1')
  head[8] = 1
  head[9] = 1
  head.writeUInt16LE(312, 10)
  const tags = Buffer.concat([Buffer.from('OpusTags'), Buffer.alloc(8)])
  const packets = Array.from({ length: seconds * 50 }, (_, index) => Buffer.alloc(20 + index, 7))
  const sound = packets.map((packet, index) => page([packet], BigInt((index + 1) * 960 + 312)))
  return Buffer.concat([page([head], 0n), page([tags], 0n), ...sound])
}

function page(packets: Buffer[], granule: bigint): Buffer {
  const laces = packets.flatMap(({ length }) => [
    ...Array.from({ length: Math.floor(length / 255) }, () => 255),
    length % 255,
  ])
  const header = Buffer.alloc(27)
  header.write('OggS', 'latin1')
  header.writeBigInt64LE(granule, 6)
  header[26] = laces.length
  return Buffer.concat([header, Buffer.from(laces), ...packets])
}

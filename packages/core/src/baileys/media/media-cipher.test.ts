import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { BrokenFile, decrypted, encrypted, sealOf } from './media-cipher.js'

const KIND = 'document'

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function all(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of source) parts.push(part)
  return Buffer.concat(parts)
}

async function sealed(plain: Uint8Array) {
  const mediaKey = randomBytes(32)
  const secret = { kind: KIND, mediaKey } as const
  const { hash: fileEncSha256, mac } = await sealOf(cut(plain, 1_000), { ...secret, keeps: false })
  const file = await all(encrypted(cut(plain, 1_000), { ...secret, mac }))
  const fileSha256 = createHash('sha256').update(plain).digest()
  return { file, expected: { ...secret, fileSha256, fileEncSha256, bytes: plain.length } }
}

describe('a file from a media host', () => {
  it.each([
    [1, 1],
    [15, 7],
    [16, 42],
    [40, 11],
    [65_535, 16_384],
    [65_536, 65_546],
    [65_546, 9],
    [200_000, 16_384],
    [200_000, 200_100],
    [131_072, 65_536],
  ])('of %i bytes is the one that was encrypted, in pieces of %i', async (length, size) => {
    const plain = randomBytes(length)
    const { file, expected } = await sealed(plain)
    expect((await all(decrypted(cut(file, size), expected))).equals(plain)).toBe(true)
    expect((await all(decrypted(cut(file, size), { ...expected, bytes: undefined }))).equals(plain)).toBe(true)
  })

  it.each([0, 5, 65_530, 65_560, 100_010, 100_025])('with one other byte at %i is refused', async (at) => {
    const { file, expected } = await sealed(randomBytes(100_000))
    file[at] = (file[at] ?? 0) ^ 1
    await expect(all(decrypted(cut(file, 16_384), expected))).rejects.toThrow(BrokenFile)
    // Its own hash says nothing of the MAC.
    const { fileEncSha256: _, ...named } = expected
    await expect(all(decrypted(cut(file, 16_384), named))).rejects.toThrow(BrokenFile)
  })

  it.each([0, 9, 25, 1_000])('that ends after %i bytes is refused', async (length) => {
    const { file, expected } = await sealed(randomBytes(100_000))
    await expect(all(decrypted(cut(file.subarray(0, length), 100), expected))).rejects.toThrow(BrokenFile)
    const unknown = { ...expected, bytes: undefined, fileSha256: undefined, fileEncSha256: undefined }
    await expect(all(decrypted(cut(file.subarray(0, length), 100), unknown))).rejects.toThrow(BrokenFile)
  })
})

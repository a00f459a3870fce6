import { describe, expect, it } from 'vitest'
import { FrameReader, frame, WA_HEADER } from './frame-reader.js'

const intro = (routing: Buffer) =>
  Buffer.concat([Buffer.from('ED'), Buffer.from([0, 1, 0, 0, routing.length]), routing])

describe('FrameReader', () => {
  const stream = Buffer.concat([
    WA_HEADER,
    frame(Buffer.from('one')),
    frame(Buffer.alloc(0)),
    frame(Buffer.from('three')),
  ])
  const expected = ['one', '', 'three']

  it('gives the frames of a stream in one piece', () => {
    expect(new FrameReader().push(stream).map(String)).toEqual(expected)
  })

  it.each([1, 2, 3, 5, 7])('gives the same frames when the stream comes %i bytes at a time', (size) => {
    const reader = new FrameReader()
    const frames: Buffer[] = []
    for (let at = 0; at < stream.length; at += size) frames.push(...reader.push(stream.subarray(at, at + size)))
    expect(frames.map(String)).toEqual(expected)
  })

  it('reads a routing intro before the header, whole or byte by byte', () => {
    const bytes = Buffer.concat([intro(Buffer.from('route')), stream])
    for (const size of [1, bytes.length]) {
      const reader = new FrameReader()
      const frames: Buffer[] = []
      for (let at = 0; at < bytes.length; at += size) frames.push(...reader.push(bytes.subarray(at, at + size)))
      expect(frames.map(String)).toEqual(expected)
      expect(reader.routingInfo?.toString()).toBe('route')
    }
  })

  it.each([
    ['another header', Buffer.from('WB')],
    ['another version of the header', Buffer.from([0x57, 0x41, 5])],
    ['an empty routing intro', intro(Buffer.alloc(0))],
    ['a routing intro that is too long', Buffer.concat([Buffer.from('ED'), Buffer.from([0, 1, 0xff, 0, 0])])],
  ])('refuses %s', (_what, bytes) => {
    expect(() => new FrameReader().push(bytes)).toThrow(expect.objectContaining({ stage: 'handshake' }))
  })
})

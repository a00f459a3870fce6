import { deflateSync } from 'node:zlib'
import { decodeBinaryNode } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { createRandomSource } from '../util/random.js'
import { type BinaryNode, node } from './node.js'
import { decodeNode } from './node-decoder.js'
import { encodeNode } from './node-encoder.js'
import { WireError } from './wire-error.js'

const NODES: [string, BinaryNode][] = [
  ['a tag alone', node('success')],
  ['tokens and free text', node('iq', { type: 'result', id: 'abc-DEF_123' })],
  [
    'digits, hex and text that is neither',
    node('a', { b: '0123456789-.', c: '3EB0FFAA', d: 'Zürich 🙂', e: '1', f: '' }),
  ],
  [
    'JIDs',
    node('to', {
      a: '15550000001@s.whatsapp.net',
      b: '15550000001:3@s.whatsapp.net',
      c: '2:7@lid',
      d: '@s.whatsapp.net',
      e: '1@g.us',
    }),
  ],
  [
    'bytes of every length class',
    node('l', {}, [
      node('a', {}, Buffer.alloc(10, 1)),
      node('b', {}, Buffer.alloc(300, 2)),
      node('c', {}, Buffer.alloc(70_000, 3)),
    ]),
  ],
  [
    'more children than a short list holds',
    node(
      'list',
      {},
      Array.from({ length: 300 }, (_, index) => node('item', { id: `${index}` })),
    ),
  ],
]

/** What decodes to text when it was packed is compared as text. */
const plain = (value: BinaryNode): unknown => ({
  tag: value.tag,
  attrs: { ...value.attrs },
  content: Array.isArray(value.content)
    ? value.content.map(plain)
    : value.content === undefined
      ? undefined
      : Buffer.from(value.content).toString('hex'),
})

describe('the node codec', () => {
  it.each(NODES)('reads back %s, as Baileys does', async (_what, original) => {
    const encoded = encodeNode(original)
    expect(plain(decodeNode(encoded))).toEqual(plain(original))
    expect(plain(await decodeBinaryNode(encoded))).toEqual(plain(original))
  })

  it.each(NODES)('reads back %s when it is deflated, as Baileys does', async (_what, original) => {
    const encoded = encodeNode(original, { deflate: true })
    expect(encoded[0]).toBe(2)
    expect(plain(decodeNode(encoded))).toEqual(plain(original))
    expect(plain(await decodeBinaryNode(encoded))).toEqual(plain(original))
  })

  it('refuses to write attributes that are not texts', () => {
    const wrong = { tag: 'a', attrs: {}, content: [{ tag: 'b', attrs: { n: 1 as unknown as string } }] }
    expect(() => encodeNode(wrong)).toThrow('<b n> is not a string')
  })

  it('leaves missing attributes out', () => {
    expect(node('a', { b: undefined, c: 'd' }).attrs).toEqual({ c: 'd' })
  })

  it.each([
    ['nothing', []],
    ['an unknown flag', [4, 0xf8, 1, 3]],
    ['no list', [0, 3]],
    ['an empty list', [0, 0]],
    ['a list that goes on', [0, 0xf8, 2, 3]],
    ['an attribute without a value', [0, 0xf8, 3, 3, 4]],
    ['a token that does not exist', [0, 0xf8, 1, 0xf1]],
    ['bytes after the end', [0, 0xf8, 1, 3, 0]],
    ['a length beyond the end', [0, 0xf8, 2, 3, 0xfc, 9, 1]],
    ['deflated rubbish', [2, 1, 2, 3]],
    ['a packed text with a filler that is none', [0, 0xf8, 1, 0xff, 0x81, 0x12]],
  ])('refuses %s', (_what, bytes) => {
    expect(() => decodeNode(Buffer.from(bytes))).toThrow(WireError)
  })

  it('refuses nesting and inflation without end', () => {
    const nested = Buffer.concat([Buffer.from([0]), Buffer.alloc(5 * 10_000, Buffer.from([0xf8, 2, 3, 0xf8, 1]))])
    expect(() => decodeNode(nested)).toThrow('nested too deep')
    const bomb = Buffer.concat([Buffer.from([2]), deflateSync(Buffer.alloc(32 * 1024 * 1024))])
    expect(() => decodeNode(bomb)).toThrow(WireError)
  })

  it('gives a node or a WireError for whatever bytes there are', () => {
    const random = createRandomSource('fuzz').stream('frames')
    const valid = NODES.slice(0, 4).map(([, each]) => encodeNode(each))
    for (let round = 0; round < 3_000; round++) {
      const bytes = Buffer.from(valid[round % valid.length] ?? [])
      for (let flips = 1 + random.integer(3); flips > 0; flips--)
        bytes[random.integer(bytes.length)] = random.integer(256)
      const cut = bytes.subarray(0, 1 + random.integer(bytes.length))
      try {
        expect(decodeNode(cut).tag).toBeTypeOf('string')
      } catch (error) {
        expect(error).toBeInstanceOf(WireError)
      }
    }
  })
})

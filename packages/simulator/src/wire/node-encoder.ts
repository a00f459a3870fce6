import { deflateSync } from 'node:zlib'
import { encodeBinaryNode } from '@whiskeysockets/baileys'
import type { BinaryNode } from './node.js'

/**
 * A node as a frame's plaintext. Baileys' encoder counts attributes that are not strings but does not write them, which
 * gives a frame that cannot be read: such a node is refused here, because it is a mistake of the simulator.
 */
export function encodeNode(node: BinaryNode, options: { deflate?: boolean } = {}): Buffer {
  assertEncodable(node)
  const encoded = encodeBinaryNode(node)
  if (!options.deflate) return encoded
  return Buffer.concat([Buffer.from([2]), deflateSync(encoded.subarray(1))])
}

function assertEncodable(node: BinaryNode): void {
  for (const [name, value] of Object.entries(node.attrs)) {
    if (typeof value !== 'string') throw new TypeError(`<${node.tag} ${name}> is not a string`)
  }
  const { content } = node
  if (content === undefined || typeof content === 'string' || content instanceof Uint8Array) return
  if (!Array.isArray(content)) throw new TypeError(`<${node.tag}> has content of a wrong type`)
  for (const child of content) assertEncodable(child)
}

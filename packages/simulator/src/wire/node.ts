import type { BinaryNode } from '@whiskeysockets/baileys'

export type { BinaryNode }

export type NodeAttributes = Record<string, string | undefined>
type NodeContent = BinaryNode['content']

/** A node without its missing attributes. */
export function node(tag: string, attributes: NodeAttributes = {}, content?: NodeContent): BinaryNode {
  const attrs: Record<string, string> = {}
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) attrs[name] = value
  return content === undefined ? { tag, attrs } : { tag, attrs, content }
}

export const childrenOf = (parent: BinaryNode | undefined): BinaryNode[] =>
  Array.isArray(parent?.content) ? parent.content : []

export const childOf = (parent: BinaryNode | undefined, tag: string): BinaryNode | undefined =>
  childrenOf(parent).find((child) => child.tag === tag)

export const childrenNamed = (parent: BinaryNode | undefined, tag: string): BinaryNode[] =>
  childrenOf(parent).filter((child) => child.tag === tag)

/** Content decodes to a string when the client packed it as token, digits or hex: one form for both. */
function bytesOf(holder: BinaryNode | undefined): Buffer | undefined {
  const content = holder?.content
  if (content === undefined || Array.isArray(content)) return undefined
  return typeof content === 'string' ? Buffer.from(content) : Buffer.from(content)
}

export const childBytes = (parent: BinaryNode | undefined, tag: string): Buffer | undefined =>
  bytesOf(childOf(parent, tag))

export const textOf = (holder: BinaryNode | undefined): string | undefined => bytesOf(holder)?.toString('utf8')

export function bigEndian(value: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  bytes.writeUIntBE(value, 0, length)
  return bytes
}

export const toInteger = (bytes: Buffer): number =>
  bytes.length === 0 ? 0 : bytes.readUIntBE(0, Math.min(bytes.length, 6))

import { randomUUID } from 'node:crypto'
import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren, type WASocket } from '@whiskeysockets/baileys'
import { ask, refusalOf } from './ask.js'

/** People whom WhatsApp's directory is asked about. Each is a `user` node with an address, or with what is asked as children. */
export interface DirectoryQuestion {
  /** As of `ask`. */
  about: string
  protocols: readonly string[]
  users: readonly BinaryNode[]
}

/**
 * What WhatsApp's directory says: a `user` node for each that it answers for. Baileys' own method takes a refusal of a single
 * protocol, such as one for asking too often, for an answer about nobody.
 *
 * @throws as `ask`
 */
export async function usync(
  socket: Pick<WASocket, 'query'>,
  { about, protocols, users }: DirectoryQuestion,
): Promise<BinaryNode[]> {
  const query = { tag: 'query', attrs: {}, content: protocols.map((tag) => ({ tag, attrs: {} })) }
  const attrs = { context: 'interactive', mode: 'query', sid: randomUUID(), last: 'true', index: '0' }
  const answer = await ask(socket, {
    about,
    attrs: { type: 'get', xmlns: 'usync' },
    content: [{ tag: 'usync', attrs, content: [query, { tag: 'list', attrs: {}, content: [...users] }] }],
  })
  const directory = getBinaryNodeChild(answer, 'usync')
  const result = getBinaryNodeChild(directory, 'result')
  for (const protocol of protocols) {
    const code = Number(getBinaryNodeChild(getBinaryNodeChild(result, protocol), 'error')?.attrs.code)
    const refused = code > 0 && refusalOf(Object.assign(new Error(`${protocol} was refused`), { data: code }), {})
    if (refused) throw refused
  }
  return getBinaryNodeChildren(getBinaryNodeChild(directory, 'list'), 'user')
}

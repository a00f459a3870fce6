import { addressingOf, bareJid } from '../model/jid.js'
import type { AccountState } from '../model/state.js'
import type { Server } from '../server/server.js'
import { type BinaryNode, childOf, childrenNamed, childrenOf, node, textOf } from '../wire/node.js'
import { QueryError, type QueryTable } from './query.js'

/** `usync`: who is on WhatsApp, by which LID, on which devices. */
export const directoryHandlers: QueryTable = {
  'usync/get/usync': ({ server, child }) => {
    const protocols = childrenOf(childOf(child, 'query')).map(({ tag }) => tag)
    const unknown = protocols.find((protocol) => !(protocol in ANSWERS))
    if (unknown !== undefined) throw new QueryError(501, `usync protocol ${unknown}`)
    const users = childrenNamed(childOf(child, 'list'), 'user').map((user) => answerUser(server, user, protocols))
    const { sid, mode, last, index, context } = child?.attrs ?? {}
    return [node('usync', { sid, mode, last, index, context }, [node('result'), node('list', {}, users)])]
  },
}

interface Asked {
  server: Server
  account: AccountState | undefined
  /** As the client wrote it, or made from the number that it asked about. */
  jid: string
}

function answerUser(server: Server, user: BinaryNode, protocols: string[]): BinaryNode {
  const digits = textOf(childOf(user, 'contact'))?.replace(/^\+/, '')
  const jid = user.attrs.jid ?? `${digits ?? ''}@s.whatsapp.net`
  const asked: Asked = { server, account: server.world.accountOf(jid), jid }
  return node(
    'user',
    { jid },
    protocols.flatMap((protocol) => ANSWERS[protocol]?.(asked) ?? []),
  )
}

/** Nothing is said about what is not there: an unregistered number has no devices and no LID. */
const ANSWERS: Record<string, (asked: Asked) => BinaryNode | undefined> = {
  contact: ({ account }) => node('contact', { type: account ? 'in' : 'out' }),
  devices: ({ server, account }) => account && node('devices', {}, devicesOf(server, account)),
  // Only when the user was asked for by number: a LID for a LID makes clients store a wrong mapping.
  lid: ({ account, jid }) =>
    account && addressingOf(jid) === 'pn' ? node('lid', { val: bareJid(account, 'lid') }) : undefined,
  status: ({ account }) => account && node('status', { t: '0' }, Buffer.from('Hey there! I am using WhatsApp.')),
  disappearing_mode: ({ account }) => account && node('disappearing_mode', { duration: '0', t: '0' }),
  business: () => undefined,
  picture: () => undefined,
  username: () => undefined,
}

/** Device 0 is the phone. Clients skip any other device that comes without its key index. */
function devicesOf(server: Server, account: AccountState): BinaryNode[] {
  const companions = [...account.devices.values()].map(({ id, keyIndex }) =>
    node('device', { id: String(id), 'key-index': String(keyIndex) }),
  )
  return [
    node('device-list', {}, [node('device', { id: '0' }), ...companions]),
    node('key-index-list', { ts: server.seconds() }),
  ]
}

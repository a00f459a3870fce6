import { addressingOf, bareJid, parseJid } from '../model/jid.js'
import type { AccountState } from '../model/state.js'
import type { ServerContext } from '../server/server-context.js'
import { type BinaryNode, childOf, childrenNamed, childrenOf, node, textOf } from '../wire/node.js'
import { aboutNode } from './profile.js'
import type { QueryTable } from './query.js'

/** `usync`: who is on WhatsApp, by which LID, on which devices. */
export const directoryHandlers: QueryTable = {
  'usync/get/usync': ({ server, connection, party, iq, child }) => {
    const protocols = childrenOf(childOf(child, 'query')).map(({ tag }) => tag)
    for (const protocol of protocols) {
      // Left out of the answer, as WhatsApp does, and recorded, so that a test can see it.
      if (!(protocol in ANSWERS)) {
        server.log.recordUnhandled({ key: `usync/get/usync/${protocol}`, ...connection.subject, node: iq })
      }
    }
    const users = childrenNamed(childOf(child, 'list'), 'user').map((user) =>
      answerUser(server, party.account, user, protocols),
    )
    const { sid, mode, last, index, context } = child?.attrs ?? {}
    return [node('usync', { sid, mode, last, index, context }, [node('result'), node('list', {}, users)])]
  },
}

interface Asked {
  server: ServerContext
  asker: AccountState
  account: AccountState | undefined
  /** As the client wrote it, or made from the number that it asked about. */
  jid: string
  /** The number that it asked about. */
  contact: BinaryNode | undefined
}

function answerUser(server: ServerContext, asker: AccountState, user: BinaryNode, protocols: string[]): BinaryNode {
  const contact = childOf(user, 'contact')
  const jid = user.attrs.jid ?? jidOfContact(textOf(contact) ?? '')
  const account = server.world.accountOf(jid)
  const asked: Asked = { server, asker, account, jid, contact }
  const byLid = account !== undefined && contact?.attrs.addressing_mode === 'lid'
  return node(
    'user',
    byLid ? { jid: bareJid(account, 'lid'), pn_jid: bareJid(account) } : { jid },
    protocols.flatMap((protocol) => ANSWERS[protocol]?.(asked) ?? []),
  )
}

/** Clients ask about `+15550000001`, and about numbers as the JIDs of old: `15550000001@c.us`. */
function jidOfContact(text: string): string {
  const written = text.replace(/^\+/, '')
  const { user, server } = parseJid(written) ?? { user: written, server: 'c.us' }
  return `${user}@${server === 'c.us' ? 's.whatsapp.net' : server}`
}

/** What was asked, so that the client can tell its questions apart. */
function contactAnswer({ account, contact }: Asked): BinaryNode {
  const text = textOf(contact)?.replace(/^\+/, '')
  return node('contact', { type: account ? 'in' : 'out' }, text ? Buffer.from(text) : undefined)
}

/** Nothing is said about what is not there: an unregistered number has no devices and no LID. */
const ANSWERS: Record<string, (asked: Asked) => BinaryNode | undefined> = {
  contact: contactAnswer,
  devices: ({ server, account }) => account && node('devices', {}, devicesOf(server, account)),
  // Only when the user was asked for by number: a LID for a LID makes clients store a wrong mapping.
  lid: ({ account, jid }) =>
    account && addressingOf(jid) === 'pn' ? node('lid', { val: bareJid(account, 'lid') }) : undefined,
  status: ({ account, asker }) => account && aboutNode(account, asker),
  disappearing_mode: ({ account }) => account && node('disappearing_mode', { duration: '0', t: '0' }),
  business: () => undefined,
  picture: () => undefined,
  username: () => undefined,
}

/** Device 0 is the phone. Clients skip any other device that comes without its key index. */
function devicesOf(server: ServerContext, account: AccountState): BinaryNode[] {
  const companions = [...account.devices.values()].map(({ id, keyIndex }) =>
    node('device', { id: String(id), 'key-index': String(keyIndex) }),
  )
  return [
    node('device-list', {}, [node('device', { id: '0' }), ...companions]),
    node('key-index-list', { ts: server.seconds() }),
  ]
}

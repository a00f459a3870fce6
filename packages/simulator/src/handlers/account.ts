import { bareJid } from '../model/jid.js'
import { unlinkDevice } from '../server/linking/pairing.js'
import { type BinaryNode, childrenNamed, node } from '../wire/node.js'
import { nothing, type Query, QueryError, type QueryTable } from './query.js'

/** Pings, settings and what else a client asks for about its own account. */
export const accountHandlers: QueryTable = {
  'w:p/get/ping': nothing,
  'w:p/get/': nothing,
  'passive/set/active': ({ server, connection }) => {
    // After the answer: the client counts what follows as its backlog.
    queueMicrotask(() => server.goLive(connection))
    return undefined
  },
  'passive/set/passive': ({ connection }) => {
    connection.live = false
    return undefined
  },
  'abt/get/props': () => [node('props', { protocol: '1', hash: 'sim', refresh: '86400' })],
  'urn:xmpp:whatsapp:dirty/set/clean': nothing,

  'privacy/get/privacy': ({ party }) => {
    const categories = [...party.account.privacy].map(([name, value]) => node('category', { name, value }))
    return [node('privacy', {}, categories)]
  },
  'privacy/set/privacy': ({ party, child }) => {
    for (const { attrs } of childrenNamed(child, 'category')) {
      if (attrs.name !== undefined && attrs.value !== undefined) party.account.privacy.set(attrs.name, attrs.value)
    }
    return undefined
  },
  'status/get/privacy': ({ server, party }) => {
    const { type, numbers } = party.account.statusPrivacy ?? { type: 'contacts', numbers: [] }
    const users = numbers.flatMap((number) => {
      const account = server.world.account(number)
      return account ? [node('user', { jid: bareJid(account) })] : []
    })
    return [node('privacy', {}, [node('list', { type, default: 'true' }, users)])]
  },
  // A token for a contact: it is told, and its messages carry the token from then on.
  'privacy/set/tokens': ({ server, party, child }) => {
    for (const { attrs } of childrenNamed(child, 'token')) {
      const contact = server.world.accountOf(attrs.jid)
      if (!contact || contact === party.account || attrs.t === undefined) continue
      const token = node('token', { type: 'trusted_contact', t: attrs.t }, server.randomBytes(16))
      for (const deviceId of contact.devices.keys()) {
        const receiver = { account: contact, deviceId }
        const from = bareJid(party.account)
        const attributes = { sender_lid: bareJid(party.account, 'lid') }
        server.notify(receiver, 'privacy_token', from, [node('tokens', {}, [token])], attributes)
      }
    }
    return undefined
  },

  'blocklist/get/': blocklist,
  'blocklist/set/item': (query) => {
    const { server, party, child } = query
    const account = server.world.accountOf(child?.attrs.jid)
    if (!account) throw new QueryError(404, 'item-not-found')
    if (child?.attrs.action === 'block') party.account.blocked.add(account.number)
    else party.account.blocked.delete(account.number)
    return blocklist(query)
  },

  'disappearing_mode/set/disappearing_mode': nothing,

  'md/set/remove-companion-device': ({ server, party }) => {
    // Baileys does not wait for the answer; the socket may be gone before it is written.
    queueMicrotask(() => {
      if (party.account.devices.has(party.deviceId)) unlinkDevice(server, party)
    })
    return undefined
  },
}

/** The whole of it, also in the answer to a change. */
function blocklist({ server, party }: Query): BinaryNode[] {
  const items = [...party.account.blocked].flatMap((number) => {
    const account = server.world.account(number)
    return account ? [node('item', { jid: bareJid(account, 'lid'), pn_jid: bareJid(account) })] : []
  })
  return [node('list', {}, items)]
}

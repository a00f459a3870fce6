import { isGroupJid } from '../model/jid.js'
import type { AccountState, BusinessProfileState, GroupState } from '../model/state.js'
import { isAdmin } from '../server/groups.js'
import { changeGroupPicture, changePicture, isJpeg, shownPicture } from '../server/pictures.js'
import { type BinaryNode, childrenNamed, node, textOf } from '../wire/node.js'
import { type Query, QueryError, type QueryTable } from './query.js'

/** What people and groups show of themselves. */
export const profileHandlers: QueryTable = {
  'w:profile:picture/get/picture': (query) => {
    const { child, server } = query
    const picture = pictureFor(query)
    if (!picture) throw new QueryError(404, 'item-not-found')
    const type = child?.attrs.type ?? 'image'
    const { url, directPath } = shownPicture(server, picture, type)
    return [node('picture', { id: picture.id, type, url, direct_path: directPath })]
  },
  'w:profile:picture/set/picture': (query) => changed(query, jpegIn(query.child)),
  'w:profile:picture/set/': (query) => changed(query, undefined),
  'status/set/status': ({ server, party, child }) => {
    const text = textOf(child)
    if (text) party.account.about = { text, atSeconds: Number(server.seconds()) }
    else delete party.account.about
    return undefined
  },
  // Of businesses alone, and of each as it was asked for.
  'w:biz/get/business_profile': ({ server, child }) => {
    const profiles = childrenNamed(child, 'profile').flatMap(({ attrs: { jid } }) => {
      const account = server.world.accountOf(jid)
      return account?.business ? [node('profile', { jid }, businessNodes(account.businessProfile))] : []
    })
    return [node('business_profile', { v: '244' }, profiles)]
  },
}

/** Whether somebody shows a thing to somebody else. */
function shows(owner: AccountState, category: 'profile' | 'status', viewer: AccountState): boolean {
  if (owner === viewer) return true
  const who = owner.privacy.get(category)
  if (owner.blocked.has(viewer.number) || who === 'none') return false
  return who !== 'contacts' || owner.peers.has(viewer.number)
}

function pictureFor({ server, party, iq }: Query) {
  const { target } = iq.attrs
  if (isGroupJid(target)) return memberOf(server.world.group(target ?? ''), party.account).picture
  const owner = target === undefined ? party.account : server.world.accountOf(target)
  if (owner && !shows(owner, 'profile', party.account)) throw new QueryError(401, 'not-authorized')
  return owner?.picture
}

function memberOf(group: GroupState | undefined, { number }: AccountState): GroupState {
  if (!group) throw new QueryError(404, 'item-not-found')
  if (!group.participants.has(number)) throw new QueryError(403, 'forbidden')
  return group
}

function changed({ server, party, iq }: Query, bytes: Buffer | undefined): BinaryNode[] {
  const { target } = iq.attrs
  if (target === undefined) return answer(changePicture(server, party.account, bytes))
  const group = memberOf(server.world.group(target), party.account)
  if (group.settings?.locked && !isAdmin(group, party.account)) throw new QueryError(403, 'forbidden')
  return answer(changeGroupPicture(server, group, party.account, bytes))
}

const answer = (id: string | undefined): BinaryNode[] => (id === undefined ? [] : [node('picture', { id })])

function jpegIn(picture: BinaryNode | undefined): Buffer {
  const content = picture?.content
  const bytes = content instanceof Uint8Array ? Buffer.from(content) : Buffer.alloc(0)
  if (isJpeg(bytes)) return bytes
  throw new QueryError(406, 'not-acceptable')
}

function businessNodes({ description, address, email, websites = [], categories = [] }: BusinessProfileState = {}) {
  const text = (tag: string, value: string | undefined) =>
    value === undefined ? [] : [node(tag, {}, Buffer.from(value))]
  return [
    ...text('description', description),
    ...text('address', address),
    ...text('email', email),
    ...websites.flatMap((website) => text('website', website)),
    node(
      'categories',
      {},
      categories.map((category) => node('category', { id: category }, Buffer.from(category))),
    ),
  ]
}

export const aboutNode = (account: AccountState, viewer: AccountState): BinaryNode => {
  if (!shows(account, 'status', viewer)) return node('status', { code: '401', t: '0' })
  const { text, atSeconds } = account.about ?? { text: 'Hey there! I am using WhatsApp.', atSeconds: 0 }
  return node('status', { t: String(atSeconds) }, Buffer.from(text))
}

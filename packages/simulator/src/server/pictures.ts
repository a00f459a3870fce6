import { bareJid } from '../model/jid.js'
import type { AccountState, GroupState, NewsletterState, PictureState } from '../model/state.js'
import { companionsToTell } from '../model/world.js'
import { node } from '../wire/node.js'
import { tellMembers } from './groups.js'
import type { ServerContext } from './server-context.js'

/** Sets or takes away the picture of an account, and tells those who know it. Answers the id of the new one. */
export function changePicture(
  server: ServerContext,
  account: AccountState,
  bytes: Buffer | undefined,
): string | undefined {
  const id = keep(server, account, bytes)
  const jid = bareJid(account)
  const change = id === undefined ? node('delete', { jid }) : node('set', { jid, id })
  for (const party of companionsToTell(server.world, account)) server.notify(party, 'picture', jid, [change])
  server.changed()
  return id
}

/** The same for a group, by one of its members. */
export function changeGroupPicture(
  server: ServerContext,
  group: GroupState,
  by: AccountState,
  bytes: Buffer | undefined,
): string | undefined {
  const id = keep(server, group, bytes)
  const author = bareJid(by, group.addressing)
  tellMembers(server, group, by, id === undefined ? node('delete', { author }) : node('set', { id, author }), 'picture')
  return id
}

/** The same for a channel. Nobody is told: how is not known. */
export function changeNewsletterPicture(
  server: ServerContext,
  newsletter: NewsletterState,
  bytes: Buffer | undefined,
): void {
  keep(server, newsletter, bytes)
  server.changed()
}

/** Lays a picture where clients fetch it. Answers its URL and, as `direct_path`, the path of it. */
export function shownPicture(
  server: ServerContext,
  { id, bytes }: PictureState,
  type: string,
): { url: string; directPath: string } {
  const path = `/v/t61/${id}_${type}.jpg`
  return { url: `${server.media.show(path, bytes)}?sim=1`, directPath: `${path}?sim=1` }
}

/** A JPEG, by its beginning. */
export const isJpeg = (bytes: Buffer): boolean => bytes.length > 4 && bytes.readUInt16BE(0) === 0xffd8

function keep(
  server: ServerContext,
  owner: AccountState | GroupState | NewsletterState,
  bytes: Buffer | undefined,
): string | undefined {
  delete owner.picture
  if (!bytes) return undefined
  owner.picture = { id: String(server.randomBytes(4).readUInt32BE(0)), bytes }
  return owner.picture.id
}

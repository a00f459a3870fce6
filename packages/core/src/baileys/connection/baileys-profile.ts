import { getBinaryNodeChild, getBinaryNodeChildren, type WASocket } from '@whiskeysockets/baileys'
import { TrunklineError } from '../../errors/trunkline-error.js'
import type { Clock } from '../../ports/clock.js'
import type { ProfileConnection, WireAudience } from '../../ports/profile-connection.js'
import { normalizeJid } from '../../records/jid.js'
import type { Jid } from '../../types/jid.js'
import type { PrivacySetting, PrivacySettings } from '../../types/profile.js'
import { type AppStatePatch, namePatch } from '../translate/chat-patches.js'
import { answered } from './answered.js'
import { ask, type Refusals } from './ask.js'
import { GROUP_REFUSALS } from './group-cache.js'
import { profilePicture } from './profile-picture.js'

const PICTURE_REFUSALS: Refusals = { ...GROUP_REFUSALS, 406: 'PICTURE_INVALID' }

export interface BaileysProfileParts {
  clock: Pick<Clock, 'now'>
  onSocket<Result>(work: (socket: WASocket) => Promise<Result>): Promise<Result>
  /** Writes to app state, which the phone reads. */
  write(patch: AppStatePatch): Promise<void>
}

/** What others see of the account, over one connection. */
export class BaileysProfile implements ProfileConnection {
  readonly #parts: BaileysProfileParts

  constructor(parts: BaileysProfileParts) {
    this.#parts = parts
  }

  async setName(name: string): Promise<void> {
    const { clock, onSocket, write } = this.#parts
    try {
      await write(namePatch(name, { nowMs: clock.now() }))
    } catch (cause) {
      throw refusalOfPatch(cause)
    }
    // Baileys shows the new name to others from then on, and keeps it.
    await onSocket(async ({ ev, authState }) => {
      const { me } = authState.creds
      if (me) ev.emit('creds.update', { me: { ...me, name } })
    })
  }

  async setAbout(text: string): Promise<void> {
    const status = { tag: 'status', attrs: {}, content: Buffer.from(text) }
    await this.#parts.onSocket((socket) =>
      ask(socket, {
        about: 'to what the account says of itself',
        attrs: { type: 'set', xmlns: 'status' },
        content: [status],
      }),
    )
  }

  async setPicture(picture: Uint8Array | undefined, { groupId }: { groupId?: Jid } = {}): Promise<void> {
    const content = picture && [{ tag: 'picture', attrs: { type: 'image' }, content: await profilePicture(picture) }]
    await this.#parts.onSocket((socket) =>
      ask(socket, {
        about: 'to a picture',
        attrs: { type: 'set', xmlns: 'w:profile:picture', ...(groupId ? { target: groupId } : {}) },
        ...(content ? { content } : {}),
        refusals: PICTURE_REFUSALS,
      }),
    )
  }

  async privacy(): Promise<PrivacySettings> {
    const answer = await this.#parts.onSocket((socket) =>
      ask(socket, {
        about: 'who may see what',
        attrs: { type: 'get', xmlns: 'privacy' },
        content: [{ tag: 'privacy', attrs: {} }],
      }),
    )
    const categories = getBinaryNodeChildren(getBinaryNodeChild(answer, 'privacy'), 'category')
    const values = new Map(categories.map(({ attrs: { name, value } }) => [name, value]))
    const known = Object.entries(CATEGORIES).map(([name, category]) => [name, values.get(category)])
    return Object.fromEntries(known.filter(([, value]) => value !== undefined))
  }

  async setPrivacy(changes: PrivacySettings): Promise<void> {
    const content = Object.entries(CATEGORIES).flatMap(([setting, name]) => {
      const value = changes[setting as PrivacySetting]
      return value === undefined ? [] : [{ tag: 'category', attrs: { name, value } }]
    })
    await this.#parts.onSocket((socket) =>
      ask(socket, {
        about: 'to who may see what',
        attrs: { type: 'set', xmlns: 'privacy' },
        content: [{ tag: 'privacy', attrs: {}, content }],
      }),
    )
    // What was read is told, or not, by what Baileys remembers of these.
    await this.#parts.onSocket((socket) => answered('who may see what', socket.fetchPrivacySettings(true)))
  }

  async statusAudience(): Promise<WireAudience> {
    const answer = await this.#parts.onSocket((socket) =>
      ask(socket, {
        about: 'who may see a status',
        attrs: { type: 'get', xmlns: 'status' },
        content: [{ tag: 'privacy', attrs: {} }],
      }),
    )
    const lists = getBinaryNodeChildren(getBinaryNodeChild(answer, 'privacy'), 'list')
    const chosen = lists.find(({ attrs }) => attrs.default === 'true') ?? lists[0]
    // What this version does not know shows a status to nobody rather than to the wrong ones.
    const kind = AUDIENCES[chosen?.attrs.type ?? ''] ?? 'only'
    const people = getBinaryNodeChildren(chosen, 'user').flatMap(({ attrs }) => normalizeJid(attrs.jid ?? '') ?? [])
    return { kind, people }
  }
}

/** WhatsApp's own words. */
const AUDIENCES: Readonly<Record<string, WireAudience['kind'] | undefined>> = {
  contacts: 'contacts',
  blacklist: 'contacts-except',
  whitelist: 'only',
}

/** WhatsApp's own words. */
const CATEGORIES = {
  lastSeen: 'last',
  online: 'online',
  picture: 'profile',
  about: 'status',
  readReceipts: 'readreceipts',
  groupAdd: 'groupadd',
  calls: 'calladd',
  messages: 'messages',
} as const satisfies Record<PrivacySetting, string>

/** The writer tells of app state in the words of chats. */
function refusalOfPatch(cause: unknown): unknown {
  if (!TrunklineError.is(cause, 'CHAT_CHANGE_FAILED')) return cause
  const statusCode = Number(cause.details.reason)
  if (!(statusCode > 0)) return new TrunklineError('SERVICE_UNAVAILABLE', { cause })
  return new TrunklineError('WHATSAPP_REFUSED', { details: { statusCode }, cause })
}

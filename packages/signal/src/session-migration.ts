import { jidDecode, WAJIDDomains } from './baileys-internals.js'
import { BoundedMap } from './bounded-map.js'
import type { SessionStore } from './session-store.js'
import { formatAddress, isLidDomain, type SignalAddress } from './signal-address.js'
import type { AccountKeys } from './signal-keys.js'

export interface MigrationResult {
  migrated: number
  skipped: number
  total: number
}

/** The device number of a device that WhatsApp hosts for a business; it has domains of its own. */
const HOSTED_DEVICE = 99

/**
 * Moves the sessions of a person's devices from phone-number to LID addresses once the mapping is known. Baileys asks for
 * it with nearly every message, so what was looked at once is remembered: from then on the mapping sends every operation
 * to the LID address, and nothing is written under the phone number any more.
 */
export class SessionMigration {
  readonly #keys: AccountKeys
  readonly #sessions: SessionStore
  readonly #done = new BoundedMap<SignalAddress, SignalAddress>(10_000)

  constructor(keys: AccountKeys, sessions: SessionStore) {
    this.#keys = keys
    this.#sessions = sessions
  }

  async migrate(fromJid: string, toJid: string): Promise<MigrationResult> {
    const from = jidDecode(fromJid)
    const to = jidDecode(toJid)
    if (!from?.user || !to?.user || !isLidDomain(to.domainType ?? 0)) return { migrated: 0, skipped: 0, total: 0 }
    if (from.server !== 's.whatsapp.net' && from.server !== 'hosted') return { migrated: 0, skipped: 0, total: 1 }

    const fromUser = from.user
    const toUser = to.user
    const devices = await this.#devicesOf(fromUser, from.device ?? 0)
    const moves = devices
      .map((device) => ({ from: phoneAddress(fromUser, device), to: lidAddress(toUser, device) }))
      .filter((move) => this.#done.get(move.from) !== move.to)
    if (moves.length === 0) return { migrated: 0, skipped: 0, total: 0 }

    const existing = await this.#keys.read(
      'session',
      moves.map((move) => move.from),
    )
    let total = 0
    let migrated = 0
    for (const move of moves) {
      if (existing[move.from]) {
        total++
        if (await this.#sessions.move(move.from, move.to)) migrated++
      }
      this.#done.set(move.from, move.to)
    }
    return { migrated, skipped: total - migrated, total }
  }

  async #devicesOf(user: string, device: number): Promise<number[]> {
    const list = await this.#keys.readOne('device-list', user)
    const known = Array.isArray(list) ? list.map(Number).filter(Number.isInteger) : []
    return [...new Set([...known, device])]
  }
}

function phoneAddress(user: string, device: number): SignalAddress {
  return formatAddress({ user, domain: device === HOSTED_DEVICE ? WAJIDDomains.HOSTED : WAJIDDomains.WHATSAPP, device })
}

function lidAddress(user: string, device: number): SignalAddress {
  return formatAddress({ user, domain: device === HOSTED_DEVICE ? WAJIDDomains.HOSTED_LID : WAJIDDomains.LID, device })
}

import { type BinaryNode, type CacheStore, getAllBinaryNodeChildren, jidDecode } from '@whiskeysockets/baileys'
import type { Clock } from '../../ports/clock.js'
import { BoundedMap } from '../../util/bounded-map.js'

const MAX_PEOPLE = 2_000
const TTL_MS = 5 * 60_000

/**
 * Which devices people have, by the user part of their address, so that a send does not ask WhatsApp each time. In place of
 * Baileys' own cache, which a change of devices does not reach in a chat under a LID: the notification names the phone number,
 * and for up to five minutes nothing would be sent to a device that a contact has just linked.
 */
export class DeviceListCache implements CacheStore {
  readonly #clock: Pick<Clock, 'monotonic'>
  #lists = new BoundedMap<string, { devices: unknown; until: number }>({ max: MAX_PEOPLE })

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  get<Devices>(user: string): Devices | undefined {
    const known = this.#lists.get(user)
    return known && known.until > this.#clock.monotonic() ? (known.devices as Devices) : undefined
  }

  set<Devices>(user: string, devices: Devices): void {
    this.#lists.set(user, { devices, until: this.#clock.monotonic() + TTL_MS })
  }

  del(user: string): void {
    this.#lists.delete(user)
  }

  flushAll(): void {
    this.#lists = new BoundedMap({ max: MAX_PEOPLE })
  }

  /** Somebody's devices have changed: both addresses of the person are forgotten, and asked for with the next send. */
  changed({ attrs, content }: BinaryNode): void {
    const changes = Array.isArray(content) ? content : []
    const devices = changes.flatMap(getAllBinaryNodeChildren)
    for (const { from, jid, lid } of [attrs, ...devices.map((device) => device.attrs)]) {
      for (const address of [from, jid, lid]) {
        const user = jidDecode(address)?.user
        if (user !== undefined) this.del(user)
      }
    }
  }
}

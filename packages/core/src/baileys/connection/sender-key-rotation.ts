import { type BinaryNode, getAllBinaryNodeChildren, type SignalKeyStore, type WASocket } from '@whiskeysockets/baileys'
import { normalizeJid } from '../../records/jid.js'
import type { Jid } from '../../types/jid.js'
import { BoundedMap } from '../../util/bounded-map.js'
import { membersOf } from './asked-message.js'
import type { KnownGroup } from './group-cache.js'

const MAX_REMOVED_DEVICES = 1_000

export interface SenderKeyRotationParts {
  keys: Pick<SignalKeyStore, 'get' | 'set'>
  /** Both addresses of this device, as far as they are known. */
  own(): readonly string[]
  /** Does something while Baileys sends nothing: it would write down as holders of a new key those of the old one. */
  whileNothingIsSent(work: () => Promise<void>): Promise<void>
}

/**
 * Sees to it that who has left a group cannot read on. Our sender key opens all that we write, and Baileys keeps it for ever: whoever
 * was given it once, and gets hold of what the server hands on, reads it.
 *
 * Whether somebody has left is told by what is stored: who was given the key, beside who is in the group. So it does not matter how
 * they went, nor whether this process was there.
 */
export class SenderKeyRotation {
  readonly #parts: SenderKeyRotationParts
  /** What was compared already; another answer of WhatsApp's is another object. */
  #compared = new WeakSet<KnownGroup>()
  readonly #removedDevices = new BoundedMap<string, true>({ max: MAX_REMOVED_DEVICES })

  constructor(parts: SenderKeyRotationParts) {
    this.#parts = parts
  }

  /** Before each message to the group. Forgets the key, and who has it, where somebody has it who should not. */
  async beforeSend(known: KnownGroup, socket: Pick<WASocket, 'signalRepository'>): Promise<void> {
    if (this.#compared.has(known)) return
    const { keys, own, whileNothingIsSent } = this.#parts
    const groupId = known.group.id
    const names = own().map((jid) => senderKeyName(groupId, socket.signalRepository.jidToSignalProtocolAddress(jid)))
    await whileNothingIsSent(async () => {
      if (!(await this.#isStale(known, names))) return
      // One commit: a key that is gone with its holders remembered would be a key that nobody is given.
      await keys.set({
        'sender-key': Object.fromEntries(names.map((name) => [name, null])),
        'sender-key-memory': { [groupId]: null },
      })
    })
    this.#compared.add(known)
  }

  /** A key of which nobody knows who has it is one too: other programs on Baileys forget that. */
  async #isStale({ group: { id }, metadata }: KnownGroup, names: readonly string[]): Promise<boolean> {
    const { keys } = this.#parts
    const { [id]: memory } = await keys.get('sender-key-memory', [id])
    const holders = Object.keys(memory ?? {})
    if (holders.length > 0) return holdersAreOthers(holders, new Set(membersOf(metadata)), this.#removedDevices)
    return Object.values(await keys.get('sender-key', [...names])).some(Boolean)
  }

  /** Somebody has unlinked a device: it may not read on either. */
  devicesChanged({ content }: BinaryNode): void {
    const changes = Array.isArray(content) ? content.filter(({ tag }) => tag === 'remove') : []
    const removed = changes.flatMap(getAllBinaryNodeChildren).flatMap(({ attrs: { jid, lid } }) => [jid, lid])
    for (const device of removed) if (device) this.#removedDevices.set(device, true)
    if (removed.length > 0) this.#compared = new WeakSet()
  }
}

/** Whether one of the devices that have the key is of nobody in the group, or is gone. */
export function holdersAreOthers(
  holders: readonly string[],
  members: ReadonlySet<Jid>,
  removed: Pick<ReadonlyMap<string, true>, 'has'>,
): boolean {
  return holders.some((device) => removed.has(device) || !members.has(normalizeJid(device) ?? device))
}

/** As Baileys' stores have it: `group::user::device`, made of `user.device`. */
function senderKeyName(groupId: Jid, address: string): string {
  const dot = address.lastIndexOf('.')
  return `${groupId}::${address.slice(0, dot)}::${address.slice(dot + 1)}`
}

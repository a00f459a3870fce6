import { type BinaryNode, type GroupMetadata, jidDecode, type SignalKeyStore } from '@whiskeysockets/baileys'
import { normalizeJid } from '../../records/jid.js'
import { BoundedMap } from '../../util/bounded-map.js'
import { membersOf } from './asked-message.js'

/** Groups in which somebody asks at the same time. */
const MAX_GROUPS = 500

/** The devices that were given our sender key of a group, by JID; `false`: it has it, or should, and is to be given it again. */
export type Holders = Readonly<Record<string, boolean>>

export interface SenderKeyHoldersParts {
  keys: Pick<SignalKeyStore, 'get' | 'set'>
  /** Who is in a group; rejects when nobody tells. */
  groupOf(groupId: string): Promise<Pick<GroupMetadata, 'participants'>>
  /** Does something while Baileys sends nothing: it would write down the holders as they were before. */
  whileNothingIsSent(work: () => Promise<void>): Promise<void>
}

/**
 * Who has our sender keys. Baileys forgets all of them for a group whenever one device asks for a message again, so that one device
 * that cannot read would have each message encrypted for every device of the group. Here that one device is given the key again.
 */
export class SenderKeyHolders {
  readonly #parts: SenderKeyHoldersParts
  readonly #asking = new BoundedMap<string, Set<string>>({ max: MAX_GROUPS })

  constructor(parts: SenderKeyHoldersParts) {
    this.#parts = parts
  }

  /** A device asks for a message again; Baileys works on that later. */
  asked({ attrs: { from, participant } }: BinaryNode): void {
    if (!from || !participant) return
    const devices = this.#asking.get(from) ?? new Set()
    this.#asking.set(from, devices.add(participant))
  }

  /** The keys as Baileys gets them. */
  behind(keys: SignalKeyStore): SignalKeyStore {
    return {
      get: (type, ids) => keys.get(type, ids),
      set: async (changes) => {
        const { 'sender-key-memory': memory, ...others } = changes
        const forgotten = Object.keys(memory ?? {}).filter((groupId) => memory?.[groupId] === null)
        if (forgotten.length === 0) return keys.set(changes)
        const kept = Object.fromEntries(Object.entries(memory ?? {}).filter(([, holders]) => holders !== null))
        await keys.set({ ...others, 'sender-key-memory': kept })
        for (const groupId of forgotten) await this.#giveAgain(groupId)
      },
      ...(keys.clear ? { clear: () => keys.clear?.() } : {}),
    }
  }

  async #giveAgain(groupId: string): Promise<void> {
    const asking = [...(this.#asking.get(groupId) ?? [])]
    this.#asking.delete(groupId)
    const { keys, groupOf, whileNothingIsSent } = this.#parts
    const group = await groupOf(groupId).catch(() => undefined)
    await whileNothingIsSent(async () => {
      const { [groupId]: holders } = await keys.get('sender-key-memory', [groupId])
      if (!holders || asking.length === 0) return
      const changed = asking.reduce((known: Holders, device) => givenAgain(known, device, group), holders)
      await keys.set({ 'sender-key-memory': { [groupId]: { ...changed } } })
    })
  }
}

/**
 * Holders after a device has asked for a message again. Who is not in the group is given nothing. A member under a name that is not
 * among the holders may be there under another one: then all are given the key again, as Baileys does, and nobody is left without.
 *
 * @param group as far as it is known who is in it
 */
export function givenAgain(
  holders: Holders,
  device: string,
  group: Pick<GroupMetadata, 'participants'> | undefined,
): Holders {
  const person = normalizeJid(device)
  const member = group?.participants.find((each) => membersOf({ participants: [each] }).some((jid) => jid === person))
  if (group && !member) return holders
  const addresses = new Set<string>(member ? membersOf({ participants: [member] }) : [person ?? device])
  const names = Object.keys(holders)
  const same = names.filter((name) => addresses.has(normalizeJid(name) ?? name) && deviceOf(name) === deviceOf(device))
  const again = (same.length > 0 ? same : names).map((name) => [name, false] as const)
  return { ...holders, ...Object.fromEntries(again) }
}

function deviceOf(jid: string): number {
  return jidDecode(jid)?.device ?? 0
}

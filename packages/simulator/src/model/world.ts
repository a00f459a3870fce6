import { SimulatorError } from '../util/errors.js'
import { parseJid } from './jid.js'
import type { AccountState, DeviceState, GroupState, SimulatorState } from './state.js'

/** One device of one account; device 0 is the phone. */
export interface Party {
  account: AccountState
  deviceId: number
}

export const addressOf = ({ account, deviceId }: Party): string => `${account.number}.${deviceId}`

/** The state with its indexes: every look-up a stanza needs is one map access. */
export class World {
  readonly state: SimulatorState
  readonly #byLid = new Map<string, AccountState>()

  constructor(state: SimulatorState) {
    this.state = state
    for (const account of state.accounts.values()) this.#byLid.set(account.lid, account)
  }

  add(account: AccountState): void {
    const { accounts } = this.state
    if (accounts.has(account.number)) {
      throw new SimulatorError('PHONE_EXISTS', `There is a phone ${account.number} already`, { field: 'number' })
    }
    if (this.#byLid.has(account.lid)) {
      throw new SimulatorError('PHONE_EXISTS', `LID ${account.lid} is taken`, { field: 'lid' })
    }
    accounts.set(account.number, account)
    this.#byLid.set(account.lid, account)
  }

  account(number: string): AccountState | undefined {
    return this.state.accounts.get(number)
  }

  /** By phone-number or LID JID, with or without device. */
  accountOf(jid: string | undefined): AccountState | undefined {
    const parsed = parseJid(jid)
    if (parsed?.server === 's.whatsapp.net' || parsed?.server === 'c.us') return this.state.accounts.get(parsed.user)
    return parsed?.server === 'lid' ? this.#byLid.get(parsed.user) : undefined
  }

  /** The device that a JID names, if it is linked. A bare JID names the phone. */
  partyOf(jid: string | undefined): Party | undefined {
    const account = this.accountOf(jid)
    const deviceId = parseJid(jid)?.device ?? 0
    if (!account || (deviceId !== 0 && !account.devices.has(deviceId))) return undefined
    return { account, deviceId }
  }

  /** The companion behind a party; the phone has no device record. */
  deviceOf({ account, deviceId }: Party): DeviceState | undefined {
    return account.devices.get(deviceId)
  }

  group(jid: string): GroupState | undefined {
    return this.state.groups.get(jid)
  }
}

/** The phone and every companion. */
export const partiesOf = (account: AccountState): Party[] => [
  { account, deviceId: 0 },
  ...[...account.devices.keys()].map((deviceId) => ({ account, deviceId })),
]

/** Those who hear about an account's devices and keys: its own companions and those of everyone it has written with. */
export function companionsToTell(world: World, account: AccountState): Party[] {
  const others = [...account.peers].flatMap((number) => world.account(number) ?? [])
  return [account, ...others].flatMap((each) => partiesOf(each).filter(({ deviceId }) => deviceId !== 0))
}

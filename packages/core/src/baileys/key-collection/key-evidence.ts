import type { AuthenticationCreds } from '@whiskeysockets/baileys'

/** What of an account's stored keys looks as if it were of no more use. Pure; doubt means that it does not. */

/**
 * One-time pre-keys that WhatsApp's server can hand out to nobody any more: uploaded once, and no longer among `onServer`,
 * which is all that it has. The newest one stays in any case: Baileys uploads again when it misses that.
 */
export function handedOutPreKeys(
  ids: readonly string[],
  { onServer, creds }: { onServer: ReadonlySet<number>; creds: Pick<AuthenticationCreds, PreKeyCounters> },
): string[] {
  const { firstUnuploadedPreKeyId, nextPreKeyId } = creds
  return ids.filter((text) => {
    const id = Number(text)
    return /^[1-9]\d*$/.test(text) && id < firstUnuploadedPreKeyId && id !== nextPreKeyId - 1 && !onServer.has(id)
  })
}

type PreKeyCounters = 'firstUnuploadedPreKeyId' | 'nextPreKeyId'

/** The user of a session's address (`user.device`, `user_domain.device`) and its device; `undefined` for hosted devices. */
export function sessionOwner(address: string): { user: string; device: string } | undefined {
  const [, user, domain = '0', device] = /^([^._]+)(?:_(\d+))?\.(\d+)$/.exec(address) ?? []
  return user && device && (domain === '0' || domain === '1') ? { user, device } : undefined
}

/**
 * Sessions of linked devices that are not on their user's device list any more. Nothing is said of the phone itself (device
 * 0), of our own devices (Baileys keeps only one of them on the list) and of users whose list is not there or not whole.
 */
export function sessionsOfGoneDevices(
  addresses: readonly string[],
  { devicesOf, ownUsers }: { devicesOf: ReadonlyMap<string, readonly string[]>; ownUsers: ReadonlySet<string> },
): string[] {
  return addresses.filter((address) => {
    const owner = sessionOwner(address)
    if (!owner || owner.device === '0' || ownUsers.has(owner.user)) return false
    const devices = devicesOf.get(owner.user)
    return devices?.includes('0') === true && !devices.includes(owner.device)
  })
}

/** The group of a sender key (`group::user::device`); `undefined` for status updates and broadcasts. */
export function groupOfSenderKey(id: string): string | undefined {
  const [group = ''] = id.split('::')
  return group.endsWith('@g.us') ? group : undefined
}

/** Sender keys of groups that the account is not in. */
export function senderKeysOfLeftGroups(ids: readonly string[], groups: ReadonlySet<string>): string[] {
  return ids.filter((id) => {
    const group = groupOfSenderKey(id)
    return group !== undefined && !groups.has(group)
  })
}

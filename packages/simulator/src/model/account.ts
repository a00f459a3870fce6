import { generateKeyPair, sign, typedKey } from '../crypto/curve.js'
import { BoundedMap } from '../util/bounded-map.js'
import type { Random } from '../util/random.js'
import type { AccountState, BusinessProfileState, PhoneKeys, RouteRecord } from './state.js'

const MAX_ROUTES = 5_000
const MAX_SENT = 2_000
const MAX_REGISTRATION_ID = 16_380

export interface NewAccount {
  number: string
  name: string
  lid?: string
  business?: boolean
  decrypts?: boolean
  autoDeliveredReceipts?: boolean
  autoReply?: string
  passkeyRequired?: boolean
  /** What it tells of itself, as a business. */
  businessProfile?: BusinessProfileState
}

export function createAccount(options: NewAccount, random: Random, nowSeconds: number): AccountState {
  return {
    number: options.number,
    lid: options.lid ?? `2${options.number.padStart(14, '0')}`,
    name: options.name,
    business: options.business ?? true,
    decrypts: options.decrypts ?? true,
    autoDeliveredReceipts: options.autoDeliveredReceipts ?? true,
    ...(options.autoReply === undefined ? {} : { autoReply: options.autoReply }),
    passkeyRequired: options.passkeyRequired ?? false,
    ...(options.businessProfile ? { businessProfile: options.businessProfile } : {}),
    rawId: random.integer(2 ** 32),
    phone: createPhoneKeys(random),
    appState: {
      keyId: Buffer.concat([Buffer.from([0, 0]), random.bytes(4)]),
      keyData: random.bytes(32),
      keyTimestamp: nowSeconds * 1000,
      collections: new Map(),
    },
    nextDeviceId: 1,
    devices: new Map(),
    peers: new Set(),
    blocked: new Set(),
    privacy: new Map(Object.entries(DEFAULT_PRIVACY)),
    routes: new BoundedMap<string, RouteRecord>(MAX_ROUTES),
  }
}

/** `readreceipts: all` is what makes Baileys send receipts of type `read`. */
const DEFAULT_PRIVACY = {
  readreceipts: 'all',
  last: 'all',
  online: 'all',
  profile: 'all',
  status: 'all',
  groupadd: 'all',
  calladd: 'all',
  messages: 'all',
}

/** A fresh installation of WhatsApp on a phone. */
export function createPhoneKeys(random: Random): PhoneKeys {
  const identity = generateKeyPair(random)
  const pair = generateKeyPair(random)
  return {
    identity,
    registrationId: 1 + random.integer(MAX_REGISTRATION_ID),
    signedPreKey: { id: 1, pair, signature: sign(identity.private, typedKey(pair.public)) },
    nextPreKeyId: 1 + randomlyLow(random),
    preKeys: new Map(),
    sessions: new Map(),
    senderKeys: new Map(),
    senderKeyHolders: new Map(),
    sent: new BoundedMap(MAX_SENT),
  }
}

const randomlyLow = (random: Random): number => random.integer(1_000)

/** Maps that were restored from a snapshot have lost their bound. */
export function rebind(account: AccountState): AccountState {
  account.routes = new BoundedMap(MAX_ROUTES, account.routes)
  account.phone.sent = new BoundedMap(MAX_SENT, account.phone.sent)
  return account
}

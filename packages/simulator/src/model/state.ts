import type { KeyPair } from '../crypto/curve.js'
import type { AuthorityKeys } from '../wire/certificate-authority.js'
import type { BinaryNode } from '../wire/node.js'
import type { AppStateCollections } from './app-state.js'
import type { SendLimits } from './send-limits.js'

/**
 * Everything that a snapshot holds: plain data of strings, numbers, Buffers, Maps and Sets. What is alive (sockets,
 * locks, timers) is elsewhere.
 */
export interface SimulatorState {
  seed: string
  /** Grows with every restore, so that a seeded simulator does not repeat its ids after a restart. */
  generation: number
  authority: AuthorityKeys
  /** By number. */
  accounts: Map<string, AccountState>
  /** By JID. */
  groups: Map<string, GroupState>
  /** By JID; left out in snapshots of before. */
  newsletters?: Map<string, NewsletterState>
}

export interface AccountState {
  /** Digits only. */
  number: string
  /** Digits only. */
  lid: string
  name: string
  /** Linked devices learn the name at once if it is a business; otherwise by app state. */
  business: boolean
  /** `false`: the phone takes messages and confirms them, but does not decrypt. Cheaper under load. */
  decrypts: boolean
  autoDeliveredReceipts: boolean
  autoReply?: string
  /** Linking asks for a passkey instead of completing. */
  passkeyRequired: boolean
  /** The same in every device identity of this account. */
  rawId: number
  phone: PhoneKeys
  appState: AppStateCollections
  nextDeviceId: number
  devices: Map<number, DeviceState>
  /** Numbers of those it has exchanged messages with: they are told about devices and identity. */
  peers: Set<string>
  blocked: Set<string>
  /** What it says of itself. */
  about?: { text: string; atSeconds: number }
  picture?: PictureState
  businessProfile?: BusinessProfileState
  privacy: Map<string, string>
  /** Of its status; those it has written with unless given. */
  statusPrivacy?: StatusPrivacy
  /** What WhatsApp limits of its sending. */
  sendLimits?: SendLimits
  /** What was routed for this account lately, by message id. */
  routes: Map<string, RouteRecord>
  /** Conversations from before the first link, for new companions and on demand. */
  history?: StoredChat[]
}

export interface StatusPrivacy {
  type: 'contacts' | 'blacklist' | 'whitelist'
  /** Those who are left out, or the only ones. */
  numbers: string[]
}

/** Another id with each picture. */
export interface PictureState {
  id: string
  /** A JPEG. */
  bytes: Buffer
}

export interface BusinessProfileState {
  description?: string
  address?: string
  email?: string
  websites?: string[]
  categories?: string[]
}

export interface StoredChat {
  jid: string
  name?: string
  unreadCount: number
  /** Oldest first. */
  messages: StoredMessage[]
}

export interface StoredMessage {
  id: string
  fromMe: boolean
  /** In groups. */
  author?: string
  atSeconds: number
  /** The encoded Message. */
  message: Buffer
  reactions?: (StoredAuthor & { emoji: string })[]
  /** `options`: by their names. */
  votes?: (StoredAuthor & { options: string[] })[]
}

/** Who has reacted or voted, and when. */
export interface StoredAuthor {
  fromMe: boolean
  /** Not the chat partner: in groups. */
  author?: string
  atMs: number
}

export interface SignedPreKey {
  id: number
  pair: KeyPair
  signature: Buffer
}

export interface PhoneKeys {
  identity: KeyPair
  registrationId: number
  signedPreKey: SignedPreKey
  nextPreKeyId: number
  preKeys: Map<number, KeyPair>
  /** Signal records by peer address (`number.device`). */
  sessions: Map<string, Buffer>
  /** Group records by `group::number::device`. */
  senderKeys: Map<string, Buffer>
  /** By group: who has our sender key. */
  senderKeyHolders: Map<string, Set<string>>
  /** What was sent lately, by message id, to answer retry receipts: the chat and the encoded message. */
  sent: Map<string, { chat: string; message: Buffer }>
}

export interface DeviceState {
  id: number
  keyIndex: number
  noisePublic: Buffer
  identityPublic: Buffer
  registrationId: number
  /** What it is called in the list of linked devices; left out in snapshots of before. */
  name?: string
  signedPreKey: { id: number; public: Buffer; signature: Buffer }
  /** One-time keys that nobody has taken yet, oldest first. */
  preKeys: Map<number, Buffer>
  /** The encoded ADVSignedDeviceIdentity, signature key included. */
  identity: Buffer
  linkedAt: string
  /** The first history and the app-state key have been sent. */
  bootstrapped: boolean
  /** The key of app state has been sent, perhaps nothing else yet. */
  keyShared?: boolean
  /** Stanzas that the device has not confirmed yet, in order. */
  queue: Map<string, BinaryNode>
  /** Keys of queued messages for which a retry was asked: an ack does not remove them. */
  retrying: Set<string>
}

export interface RouteRecord {
  /** `number.device` of those it was handed to. */
  handedTo: Set<string>
  /** Addresses that could not decrypt it and wait for it once more. */
  retryFor: Set<string>
  /** Numbers whose delivery was reported to the sender. */
  deliveredBy: Set<string>
}

export interface GroupState {
  jid: string
  subject: string
  addressing: 'pn' | 'lid'
  creator: string
  createdAt: number
  description?: string
  /** Another one with each description: who replaces it has to name it. */
  descriptionId?: string
  settings?: GroupSettings
  /** Lets people in; made when it is first asked for. */
  inviteCode?: string
  /** Places, 1,024 unless given. */
  maxSize?: number
  /** By number. */
  participants: Map<string, 'member' | 'admin' | 'superadmin'>
  picture?: PictureState
  /** Who wants to join, and since when (seconds). */
  requests?: Map<string, number>
  /** Numbers of those to whom the server hands on what is said although they are not in the group. */
  overhearing?: Set<string>
}

/** A channel. */
export interface NewsletterState {
  jid: string
  name: string
  description?: string
  invite: string
  createdAt: number
  /** By number. */
  roles: Map<string, 'OWNER' | 'ADMIN' | 'SUBSCRIBER'>
  picture?: PictureState
  /** By the number that the server gives each. */
  posts: Map<string, { id: string; message: Buffer; reactions: Map<string, string>; edited?: true; deleted?: true }>
  /** Numbers of those who want no sound of it. */
  muted?: Set<string>
}

/** What holds in a group; what is left out does not. */
export interface GroupSettings {
  announce?: boolean
  locked?: boolean
  joinApproval?: boolean
  memberAdd?: boolean
  /** After how many seconds messages disappear. */
  ephemeral?: number
}

export const holdsAppStateKey = ({ bootstrapped, keyShared = bootstrapped }: DeviceState): boolean => keyShared

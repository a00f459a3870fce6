import {
  type AnyMessageContent,
  type AuthenticationCreds,
  Browsers,
  type GroupMetadata,
  initAuthCreds,
  type MiscMessageGenerationOptions,
  makeWASocket,
  type proto,
  type SignalDataTypeMap,
  type SignalKeyStore,
  WA_CERT_DETAILS,
  type WAMessage,
  type WASocket,
} from '@whiskeysockets/baileys'
import { pino } from 'pino'
import type { SideListener, SideOptions } from './side.js'

interface Account {
  creds: AuthenticationCreds
  keys: SignalKeyStore
  /** What was sent, for Baileys' `getMessage`. */
  sent: Map<string, proto.IMessage>
  /** For Baileys' `cachedGroupMetadata`, without which it asks the server with every message to a group. */
  groups: Map<string, GroupMetadata>
  socket?: WASocket
}

export interface BareListener extends Pick<SideListener, 'connected' | 'disconnected'> {
  received(account: string, message: WAMessage): void
}

/**
 * Baileys as a careful user runs it: credentials and keys in memory as they are, sent messages kept for retries, a logger that
 * is silent, a new socket as soon as the old one has closed.
 */
export class BareAccounts {
  readonly #url: string
  readonly #listener: BareListener
  readonly #logger = pino({ level: 'silent' })
  readonly #accounts = new Map<string, Account>()
  #closing = false

  constructor({ url, rootPublicKey }: Pick<SideOptions, 'url' | 'rootPublicKey'>, listener: BareListener) {
    WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(rootPublicKey, 'hex')
    silenceLibsignal()
    this.#url = url
    this.#listener = listener
  }

  link(name: string, scanQr: (qr: string) => Promise<void>): Promise<void> {
    const account: Account = { creds: initAuthCreds(), keys: memoryKeys(), sent: new Map(), groups: new Map() }
    this.#accounts.set(name, account)
    return new Promise((resolve, reject) => {
      this.#connect(name, account, { onQr: (qr) => void scanQr(qr).catch(reject), onOpen: resolve })
    })
  }

  async send(
    name: string,
    to: string,
    content: AnyMessageContent,
    options: MiscMessageGenerationOptions = {},
  ): Promise<string> {
    const account = this.#accounts.get(name)
    if (!account?.socket) throw new Error(`There is no account ${name}`)
    const message = await account.socket.sendMessage(jidOf(to), content, options)
    if (message?.key.id && message.message) account.sent.set(message.key.id, message.message)
    return message?.key.id ?? ''
  }

  async close(): Promise<void> {
    this.#closing = true
    for (const { socket } of this.#accounts.values()) await socket?.end(undefined)
  }

  #connect(name: string, account: Account, told: { onQr(qr: string): void; onOpen(): void }): void {
    const socket = makeWASocket({
      auth: { creds: account.creds, keys: account.keys },
      waWebSocketUrl: this.#url,
      logger: this.#logger,
      browser: Browsers.macOS('Chrome'),
      markOnlineOnConnect: false,
      syncFullHistory: false,
      getMessage: async ({ id }) => account.sent.get(id ?? ''),
      cachedGroupMetadata: async (group) => {
        const metadata = account.groups.get(group) ?? (await socket.groupMetadata(group))
        account.groups.set(group, metadata)
        return metadata
      },
    })
    socket.ev.on('group-participants.update', ({ id }) => account.groups.delete(id))
    account.socket = socket
    socket.ev.on('connection.update', ({ connection, qr }) => {
      if (qr) told.onQr(qr)
      if (connection === 'open') {
        this.#listener.connected(name)
        told.onOpen()
      }
      if (connection !== 'close' || this.#closing) return
      this.#listener.disconnected(name)
      this.#connect(name, account, told)
    })
    socket.ev.on('messages.upsert', ({ messages }) => {
      for (const message of messages) if (!message.key.fromMe) this.#listener.received(name, message)
    })
  }
}

export function jidOf(to: string): string {
  return to.includes('@') ? to : `${to}@s.whatsapp.net`
}

function memoryKeys(): SignalKeyStore {
  const values = new Map<string, unknown>()
  return {
    async get<Type extends keyof SignalDataTypeMap>(type: Type, ids: string[]) {
      const found: Record<string, SignalDataTypeMap[Type]> = {}
      for (const id of ids) {
        const value = values.get(`${type}|${id}`)
        if (value !== undefined) found[id] = value as SignalDataTypeMap[Type]
      }
      return found
    },
    async set(data) {
      for (const [type, entries] of Object.entries(data)) {
        for (const [id, value] of Object.entries(entries)) {
          if (value === null || value === undefined) values.delete(`${type}|${id}`)
          else values.set(`${type}|${id}`, value)
        }
      }
    },
  }
}

/** libsignal prints whole sessions, private keys included; careful users take its words away, and with them their cost. */
function silenceLibsignal(): void {
  for (const method of ['info', 'log', 'warn', 'error'] as const) console[method] = () => undefined
}

import {
  type AuthenticationCreds,
  Browsers,
  type GroupMetadata,
  initAuthCreds,
  makeWASocket,
  type proto,
  type SignalDataTypeMap,
  type SignalKeyStore,
  WA_CERT_DETAILS,
  type WASocket,
} from '@whiskeysockets/baileys'
import { pino } from 'pino'
import type { Side, SideListener, SideOptions } from './side.js'

interface Account {
  creds: AuthenticationCreds
  keys: SignalKeyStore
  /** What was sent, for Baileys' `getMessage`. */
  sent: Map<string, proto.IMessage>
  /** For Baileys' `cachedGroupMetadata`, without which it asks the server with every message to a group. */
  groups: Map<string, GroupMetadata>
  socket?: WASocket
}

/**
 * Baileys as a careful user runs it: credentials and keys in memory as they are, sent messages kept for retries, a logger that
 * is silent, a new socket as soon as the old one has closed.
 */
export function createBareSide({ url, rootPublicKey }: SideOptions, listener: SideListener): Side {
  WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(rootPublicKey, 'hex')
  silenceLibsignal()
  const logger = pino({ level: 'silent' })
  const accounts = new Map<string, Account>()
  let closing = false

  const connect = (name: string, account: Account, onQr?: (qr: string) => void, onOpen?: () => void) => {
    const socket = makeWASocket({
      auth: { creds: account.creds, keys: account.keys },
      waWebSocketUrl: url,
      logger,
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
      if (qr) onQr?.(qr)
      if (connection === 'open') {
        listener.connected(name)
        onOpen?.()
      }
      if (connection !== 'close' || closing) return
      listener.disconnected(name)
      connect(name, account, onQr, onOpen)
    })
    socket.ev.on('messages.upsert', ({ messages }) => {
      for (const { key, message } of messages) {
        const text = message?.conversation ?? message?.extendedTextMessage?.text
        if (!key.fromMe && key.remoteJid && text) listener.received({ account: name, chat: key.remoteJid, text })
      }
    })
  }

  return {
    link(name, scanQr) {
      const account: Account = { creds: initAuthCreds(), keys: memoryKeys(), sent: new Map(), groups: new Map() }
      accounts.set(name, account)
      return new Promise((resolve, reject) => {
        connect(name, account, (qr) => void scanQr(qr).catch(reject), resolve)
      })
    },

    async send(name, to, text) {
      const account = accounts.get(name)
      if (!account?.socket) throw new Error(`There is no account ${name}`)
      const jid = to.includes('@') ? to : `${to}@s.whatsapp.net`
      const message = await account.socket.sendMessage(jid, { text })
      if (message?.key.id && message.message) account.sent.set(message.key.id, message.message)
    },

    async close() {
      closing = true
      for (const { socket } of accounts.values()) await socket?.end(undefined)
    },
  }
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

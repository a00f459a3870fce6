import { type Phone, type Simulator, simulatorClientConfig } from '@trunkline/simulator'
import {
  type AuthenticationState,
  BufferJSON,
  initAuthCreds,
  makeWASocket,
  proto,
  type SignalDataSet,
  type WAMessage,
} from '@whiskeysockets/baileys'
import type { Collection } from 'mongodb'
import { pino } from 'pino'
import { eventually } from './storage-world.js'

const logger = pino({ level: 'silent' })

interface StockState {
  state: AuthenticationState
  saveCreds(): Promise<unknown>
}

/** Runs another program on bare Baileys: links it by its QR, lets it talk with a customer, and ends it. */
export async function runStockBaileys(
  simulator: Simulator,
  { state, saveCreds }: StockState,
  { phone, customer }: { phone: Phone; customer: Phone },
): Promise<void> {
  const config = simulatorClientConfig(simulator)
  const heard: WAMessage[] = []
  let open = false
  let ended = false
  let socket: ReturnType<typeof makeWASocket> | undefined
  const saving = new Set<Promise<unknown>>()
  const connect = () => {
    socket = makeWASocket({ waWebSocketUrl: config.waWebSocketUrl, auth: state, logger })
    socket.ev.on('creds.update', () => void saving.add(saveCreds()))
    socket.ev.on('messages.upsert', ({ messages }) => void heard.push(...messages))
    socket.ev.on('connection.update', (update) => {
      if (update.qr && !state.creds.account) void phone.scanQr(update.qr)
      if (update.connection === 'open') open = true
      if (update.connection === 'close' && !ended) connect()
    })
  }
  connect()
  try {
    await eventually(() => open, Boolean)
    await customer.sendText(phone.number, 'to the other program')
    await eventually(
      () =>
        heard.some(({ message }) => message?.conversation === 'to the other program' || message?.extendedTextMessage),
      Boolean,
    )
    await socket?.sendMessage(customer.jid, { text: 'from the other program' })
    await customer.waitForMessage('from the other program')
    await phone.idle()
  } finally {
    ended = true
    await socket?.end(undefined)
    await Promise.all(saving)
    config.restore()
  }
}

/** As most snippets do it: one document for each key, the value as JSON in a field, accounts told apart by a prefix. */
export async function useMongoPrefix(
  collection: Collection<{ _id: string; data: string }>,
  account: string,
): Promise<StockState> {
  const write = (name: string, value: unknown) =>
    collection.replaceOne(
      { _id: `${account}_${name}` },
      { data: JSON.stringify(value, BufferJSON.replacer) },
      { upsert: true },
    )
  const read = async (name: string) => {
    const found = await collection.findOne({ _id: `${account}_${name}` })
    return found ? JSON.parse(found.data, BufferJSON.reviver) : null
  }
  return stateOf(await read('creds'), read, write, (name) => collection.deleteOne({ _id: `${account}_${name}` }))
}

/** As `mongo-baileys` and its like do it: the value's JSON spread over the document, one collection for an account. */
export async function useMongoSpread(collection: Collection<{ _id: string }>): Promise<StockState> {
  const write = (name: string, value: unknown) => {
    const json = JSON.parse(JSON.stringify(value, BufferJSON.replacer))
    return collection.replaceOne({ _id: name }, typeof json === 'string' ? { ...[...json] } : { ...json }, {
      upsert: true,
    })
  }
  const read = async (name: string) => {
    const found = await collection.findOne({ _id: name })
    if (!found) return null
    const { _id, ...value } = found
    return JSON.parse(JSON.stringify(value), BufferJSON.reviver)
  }
  return stateOf(await read('creds'), read, write, (name) => collection.deleteOne({ _id: name }))
}

function stateOf(
  stored: AuthenticationState['creds'] | null,
  read: (name: string) => Promise<unknown>,
  write: (name: string, value: unknown) => Promise<unknown>,
  remove: (name: string) => Promise<unknown>,
): StockState {
  const creds = stored ?? initAuthCreds()
  const keys = {
    async get(type: string, ids: string[]) {
      const found: Record<string, unknown> = {}
      for (const id of ids) {
        const value = await read(`${type}-${id}`)
        found[id] = type === 'app-state-sync-key' && value ? proto.Message.AppStateSyncKeyData.fromObject(value) : value
      }
      return found
    },
    async set(data: SignalDataSet) {
      const writes = Object.entries(data).flatMap(([type, values]) =>
        Object.entries(values ?? {}).map(([id, value]) =>
          value ? write(`${type}-${id}`, value) : remove(`${type}-${id}`),
        ),
      )
      await Promise.all(writes)
    },
  }
  return { state: { creds, keys: keys as AuthenticationState['keys'] }, saveCreds: () => write('creds', creds) }
}

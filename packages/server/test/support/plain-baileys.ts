import { type Phone, type Simulator, simulatorClientConfig } from '@trunkline/simulator'
import { type AuthenticationState, makeWASocket, type WAMessage } from '@whiskeysockets/baileys'
import { pino } from 'pino'
import { eventually } from './storage-world.js'

const logger = pino({ level: 'silent' })

export interface BaileysState {
  state: AuthenticationState
  saveCreds(): Promise<unknown>
}

/** Runs another program on bare Baileys: links it by its QR, lets it talk with a customer, and ends it. */
export async function runPlainBaileys(
  simulator: Simulator,
  { state, saveCreds }: BaileysState,
  { phone, customer }: { phone: Phone; customer: Phone },
): Promise<void> {
  const config = simulatorClientConfig(simulator)
  const heard: WAMessage[] = []
  let open = false
  let ended = false
  let socket: ReturnType<typeof makeWASocket> | undefined
  let writes: Promise<unknown> = Promise.resolve()
  /** One after the other: writes of the same credentials must not overtake each other on the way to a database. */
  const write = (work: () => Promise<unknown>): Promise<unknown> => {
    writes = writes.then(work)
    return writes
  }
  const auth: AuthenticationState = {
    creds: state.creds,
    keys: {
      get: (type, ids) => state.keys.get(type, ids),
      set: async (data) => void (await write(async () => state.keys.set(data))),
    },
  }
  const connect = () => {
    socket = makeWASocket({ waWebSocketUrl: config.waWebSocketUrl, auth, logger })
    socket.ev.on('creds.update', () => void write(saveCreds))
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
    await writes
    config.restore()
  }
}

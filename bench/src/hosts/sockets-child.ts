// One side of sockets.ts: sockets that are signed in hear of one session.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import type { Authenticator } from '@trunkline/api'
import { createMemoryStore, type EventName, type EventOf, type Message, MultiSessionManager } from '@trunkline/core'
import { attachSocketioBridge } from '@trunkline/socketio-bridge'
import { jwtVerify, SignJWT } from 'jose'
import { pino } from 'pino'
import { Server } from 'socket.io'

const SECRET = new TextEncoder().encode('a-secret-of-at-least-thirty-two-bytes!')
const at = '2026-01-01T00:00:00.000Z'
process.on('disconnect', () => process.exit(1))

const http = createServer()
const io = new Server(http)
const token = await new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setSubject('ada').sign(SECRET)
let seq = 0
const send = process.argv[2] === 'bare' ? bare() : await trunkline()

process.on('message', async (question: { cpu?: true; emit?: number; flood?: true }) => {
  if (question.emit !== undefined) {
    for (let n = 0; n < question.emit; n += 1) {
      send('hello')
      // As they come: each by itself.
      await turn()
    }
  } else process.send?.(question.flood ? await flood() : cpuMicros())
})
http.listen(0, '127.0.0.1', () => {
  process.send?.({ url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, token })
})

function cpuMicros(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Events of 64 KiB until the last socket is gone; what memory grew by at most. */
async function flood(): Promise<number> {
  globalThis.gc?.()
  const used = () => process.memoryUsage.rss()
  const before = used()
  let peak = before
  const text = 'x'.repeat(64 * 1024)
  while (io.sockets.sockets.size > 0) {
    send(text)
    peak = Math.max(peak, used())
    await turn()
  }
  return peak - before
}

function eventOf(text: string): EventOf<'message'> {
  seq += 1
  const person = '15550000001@s.whatsapp.net'
  const message: Message = {
    id: `3EB0${seq}`,
    sessionId: 'shop',
    chatId: person,
    senderId: person,
    fromMe: false,
    timestamp: at,
    type: 'text',
    text,
    reactions: [],
    status: 'delivered',
    source: 'live',
  }
  return { sessionId: 'shop', at, seq, message }
}

/** As people write it: a token is checked, a room joined, and events go to the room. */
function bare(): (text: string) => void {
  io.use((socket, next) => {
    const given = String(socket.handshake.auth.token)
    jwtVerify(given, SECRET, { algorithms: ['HS256'] }).then(
      () => next(),
      () => next(new Error('UNAUTHENTICATED')),
    )
  })
  io.on('connection', (socket) => void socket.join('session:shop'))
  return (text) => void io.to('session:shop').emit('message', eventOf(text))
}

/** The bridge, and events as the manager tells them. */
async function trunkline(): Promise<(text: string) => void> {
  const manager = new MultiSessionManager({ store: createMemoryStore(), logger: pino({ level: 'silent' }) })
  await manager.create({ id: 'shop', start: false })
  seq = await manager.lastSeq('shop')
  const authenticator: Authenticator = {
    async authenticate({ headers }) {
      const given = headers.authorization?.slice('Bearer '.length) ?? ''
      const verified = await jwtVerify(String(given), SECRET, { algorithms: ['HS256'] }).catch(() => undefined)
      return verified && { userId: 'ada', role: 'admin', sessionIds: '*' }
    },
  }
  let tell: (name: EventName, event: EventOf<EventName>) => unknown = () => {}
  const told = {
    store: manager.store,
    list: manager.list.bind(manager),
    events: manager.events.bind(manager),
    lastSeq: async () => seq,
    webhooks: manager.webhooks,
    onAny(listener: typeof tell) {
      tell = listener
      return () => {}
    },
  }
  attachSocketioBridge(io, told, { authenticator, maxSocketsPerUser: 1_000 })
  return (text) => void tell('message', eventOf(text))
}

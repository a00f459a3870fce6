// What an event costs that goes to many sockets: Socket.IO alone, and Trunkline's bridge on it, in alternating rounds of one run; then
// what the bridge keeps for a client that does not read. SOCKETS, EVENTS, ROUNDS: how many.
import { connect } from 'node:net'
import { io, type Socket } from 'socket.io-client'
import { median } from './end-to-end/statistics.js'
import { type HostSide, startSide } from './hosts/host-side.js'

const SOCKETS = Number(process.env.SOCKETS ?? 100)
const EVENTS = Number(process.env.EVENTS ?? 200)
const ROUNDS = Number(process.env.ROUNDS ?? 7)

/** What is demanded of Trunkline, as a multiple of the other. */
const LIMIT = 1.2

const sides = [await startSide('sockets', 'bare'), await startSide('sockets', 'trunkline')] as const
const sockets: Socket[] = []

/** The sockets of a side; the answer waits until all of them have heard so many more events. */
async function listeners({ place }: HostSide): Promise<(events: number) => Promise<void>> {
  let heard = 0
  let check = () => {}
  await Promise.all(
    Array.from({ length: SOCKETS }, async () => {
      const socket = io(place.url, { auth: { token: place.token }, transports: ['websocket'], forceNew: true })
      sockets.push(socket)
      socket.on('message', () => {
        heard += 1
        check()
      })
      await new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve)
        socket.once('connect_error', reject)
      })
    }),
  )
  return async (events) => {
    const wanted = heard + events * SOCKETS
    await new Promise<void>((resolve) => {
      check = () => {
        if (heard >= wanted) resolve()
      }
    })
  }
}

/** CPU µs of the server for each event, until every socket has it. */
async function round(side: HostSide, until: (events: number) => Promise<void>): Promise<number> {
  const before = await side.cpuMicros()
  const all = until(EVENTS)
  side.emit(EVENTS)
  await all
  return ((await side.cpuMicros()) - before) / EVENTS
}

/** A client that takes nothing: how much the server held for it at most, until it ended it. */
async function slowClient({ place, ...side }: HostSide): Promise<number> {
  const { hostname, port } = new URL(place.url)
  const raw = connect(Number(port), hostname)
  raw.on('error', () => {})
  const key = Buffer.alloc(16).toString('base64')
  raw.write(
    `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  )
  await new Promise((resolve) => raw.once('data', resolve))
  // A text frame with Socket.IO's CONNECT; the mask is zero.
  const text = Buffer.from(`40${JSON.stringify({ token: place.token })}`)
  const head = text.length < 126 ? [0x81, 0x80 | text.length] : [0x81, 0xfe, text.length >> 8, text.length & 255]
  raw.write(Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), text]))
  await new Promise((resolve) => raw.once('data', resolve))
  raw.pause()
  const peak = await side.floodUntilAlone()
  raw.destroy()
  return peak
}

try {
  const until = [await listeners(sides[0]), await listeners(sides[1])] as const
  for (const index of [0, 1] as const) await round(sides[index], until[index])
  const figures: [number[], number[]] = [[], []]
  for (let n = 0; n < ROUNDS; n += 1) {
    for (const index of n % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const))
      figures[index].push(await round(sides[index], until[index]))
  }
  const [bare, ours] = figures.map(median) as [number, number]
  for (const socket of sockets) socket.disconnect()
  const peak = await slowClient(sides[1])
  console.log(`${SOCKETS} sockets · ${ROUNDS} rounds of ${EVENTS} events · Node.js ${process.versions.node}\n`)
  console.log('| | Socket.IO | Trunkline | ratio | at most |\n|---|--:|--:|--:|--:|')
  console.log(
    `| CPU µs an event, to all | ${bare.toFixed(0)} | ${ours.toFixed(0)} | ${(ours / bare).toFixed(2)} | ${LIMIT} |`,
  )
  console.log(`| MB kept for a client that does not read | | ${(peak / 2 ** 20).toFixed(1)} | | |`)
} finally {
  for (const socket of sockets) socket.disconnect()
  for (const side of sides) side.stop()
}

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A proxy on loopback in front of a MongoDB that loses one reply together with its connection, as often as it is told to. */
export interface BreakingProxy {
  readonly uri: string
  /** How many connections were broken so far. */
  readonly broken: number
  /** The next reply to a command that contains this text never arrives: its connection breaks instead. */
  breakAt(text: string): void
  close(): Promise<void>
}

export async function startBreakingProxy(uri: string): Promise<BreakingProxy> {
  const target = new URL(uri)
  const sockets = new Set<Socket>()
  let armed: string | undefined
  let broken = 0
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    let asked = false
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
    }
    client.on('data', (command) => {
      asked ||= armed !== undefined && command.includes(armed)
      upstream.write(command)
    })
    upstream.on('data', (reply) => {
      if (!asked || armed === undefined) {
        asked = false
        client.write(reply)
        return
      }
      armed = undefined
      broken += 1
      client.destroy()
      upstream.destroy()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = new URL(uri)
  address.port = String((server.address() as AddressInfo).port)
  // The addresses that a replica set tells would lead past this proxy.
  address.searchParams.set('directConnection', 'true')
  if (address.pathname === '') address.pathname = '/'
  return {
    uri: address.href,
    get broken() {
      return broken
    },
    breakAt(text) {
      armed = text
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

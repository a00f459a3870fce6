import { once } from 'node:events'
import { connect } from 'node:net'

const PAYLOAD_BYTES = 512 * 1024

/** Publishes so many bytes that nobody understands, by NATS' own protocol. Resolves when the server has taken them. */
export async function flood(url: string, { subject, bytes }: { subject: string; bytes: number }): Promise<void> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  let heard = ''
  const taken = new Promise<void>((resolve, reject) => {
    socket.on('data', (chunk: Buffer) => {
      heard = `${heard}${chunk}`.slice(-200)
      if (heard.includes('PONG')) resolve()
    })
    socket.once('error', reject)
    socket.once('close', () => reject(new Error(`NATS has closed the connection: ${heard}`)))
  })
  await once(socket, 'connect')
  socket.write('CONNECT {"verbose":false,"pedantic":false}\r\n')
  const payload = Buffer.alloc(PAYLOAD_BYTES, '.')
  for (let sent = 0; sent < bytes; sent += PAYLOAD_BYTES) {
    socket.write(`PUB ${subject} ${PAYLOAD_BYTES}\r\n`)
    socket.write(payload)
    if (!socket.write('\r\n')) await once(socket, 'drain')
  }
  socket.write('PING\r\n')
  await taken
  socket.destroy()
}

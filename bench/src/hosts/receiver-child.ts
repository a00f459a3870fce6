// A receiver of webhooks that takes everything, and tells its parent how many that were.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

let count = 0
const server = createServer((request, response) => {
  request.resume().once('end', () => {
    count += 1
    response.writeHead(204).end()
    process.send?.({ count })
  })
})
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
process.once('disconnect', () => process.exit())

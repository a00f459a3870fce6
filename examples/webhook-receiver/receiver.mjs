// Takes webhooks of Trunkline and checks their signatures with nothing but Node.js:
//   WEBHOOK_SECRET=whsec_… node receiver.mjs
// https://www.standardwebhooks.com has libraries for other languages.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'

const key = Buffer.from((process.env.WEBHOOK_SECRET ?? '').replace('whsec_', ''), 'base64')
/** Messages that are older, or newer, may be repeats by somebody who has overheard them. */
const TOLERANCE_SECONDS = 5 * 60
/** What was taken already: an event may come twice. A real receiver keeps this with its data. */
const taken = new Set()

function isSigned(body, headers) {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures = '' } = headers
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) < TOLERANCE_SECONDS)) return false
  const expected = Buffer.from(`v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`)
  return signatures.split(' ').some((given) => {
    const signature = Buffer.from(given)
    return signature.length === expected.length && timingSafeEqual(signature, expected)
  })
}

createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) body += chunk
  if (!isSigned(body, request.headers)) return response.writeHead(401).end()
  const id = request.headers['webhook-id']
  if (!taken.has(id)) {
    const { type, data } = JSON.parse(body)
    console.log(type, data.sessionId, data.seq)
    taken.add(id)
  }
  // Within 15 seconds: what takes longer is done afterwards.
  response.writeHead(204).end()
}).listen(Number(process.env.PORT ?? 8080), '127.0.0.1', function () {
  console.log(`waiting for webhooks at http://127.0.0.1:${this.address().port}/`)
})

// 0.6: sessions are begun, renewed and closed. Does a private key that lies in the store appear on the console?
import { inspect } from 'node:util'
import { exchange, introduce } from '../test/parties.js'
import { conclude, makeParty } from './evidence.js'

const printed: string[] = []
for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
  console[method] = (...values: unknown[]) =>
    printed.push(values.map((value) => inspect(value, { depth: 9 })).join(' '))
}

const [me, peer] = [makeParty('15550000001@s.whatsapp.net'), makeParty('15550000002@s.whatsapp.net')]
await introduce(me, peer)
await exchange(me, peer, 'hello')
await exchange(peer, me, 'hi')
const secrets = privateKeysOf(JSON.stringify([...me.store.values]))
const identity = Buffer.from(me.creds.signedIdentityKey.private)
await introduce(me, peer)
await exchange(me, peer, 'in a new session')

const output = printed.join('\n')
const found = [...secrets, identity].filter((secret) => appearsIn(output, secret))
conclude(found.length === 0, `${found.length} private keys of the store are on the console`)

/** Of stock sessions, which are JSON; those of ours are bytes, and nothing is printed at all. */
function privateKeysOf(records: string): Buffer[] {
  return [...records.matchAll(/"privKey":"([^"]+)"/g)].map(([, text]) => Buffer.from(text ?? '', 'base64'))
}

function appearsIn(output: string, secret: Buffer): boolean {
  const print = inspect(secret).replace(/^<Buffer |>$/g, '')
  return [secret.toString('hex'), secret.toString('base64'), print].some((form) => output.includes(form))
}

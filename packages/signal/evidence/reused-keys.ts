// 0.1: a message arrives while another one is sent to the same device, 100 times. Is a message key used twice?
import { baileysParty, exchange, introduce, receive, relay, send, WireTap } from '../test/parties.js'
import { conclude, makeParty, silenceConsole } from './evidence.js'

silenceConsole()
const [me, peer] = [makeParty('15550000001@s.whatsapp.net'), baileysParty('15550000002@s.whatsapp.net')]
await introduce(me, peer)
await exchange(me, peer, 'hello')
await exchange(peer, me, 'hi')
me.store.latencyMs = 1

const tap = new WireTap()
let reused = 0
for (let round = 0; round < 100; round++) {
  const inbound = await send(peer, me, `in ${round}`)
  const [, outbound] = await Promise.all([receive(me, peer, inbound).catch(() => ''), relay(me, peer, `out ${round}`)])
  try {
    tap.oneToOne(outbound)
  } catch {
    reused++
  }
}
conclude(reused === 0, `${reused} of 100 messages were encrypted with a key that was used before`)

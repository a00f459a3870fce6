// 0.3: the process is killed after the ratchet was stored and before the message was handed over. The server sends both
// messages again. Are they read?
import { baileysParty, introduce, ourParty, receive, send, TestStore } from '../test/parties.js'
import { conclude, makeParty, side, silenceConsole } from './evidence.js'

silenceConsole()
const store = new TestStore()
const peer = baileysParty('15550000002@s.whatsapp.net')
const before = makeParty('15550000001@s.whatsapp.net', { store })
await introduce(peer, before)
const first = await send(peer, before, 'first contact')
await receive(before, peer, first)
const second = await send(peer, before, 'a second one')
await receive(before, peer, second)

const restart = side === 'stock' ? baileysParty : ourParty
const after = restart(before.jid, { store, creds: before.creds })
let lost = 0
for (const message of [first, second]) await receive(after, peer, message).catch(() => lost++)
conclude(lost === 0, `${lost} of 2 messages cannot be read when they are delivered again`)

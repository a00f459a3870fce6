// 0.4: 200 group messages and 200 turns of question and answer. Do the records stay under 2 kB?
import { exchange, introduce } from '../test/parties.js'
import { conclude, makeParty, silenceConsole } from './evidence.js'

silenceConsole()
const [me, peer] = [makeParty('15550000001@s.whatsapp.net'), makeParty('15550000002@s.whatsapp.net')]
await introduce(me, peer)
const message = { group: '120363000000000001@g.us', meId: me.jid, data: Buffer.from('x') }
for (let turn = 0; turn < 200; turn++) {
  await exchange(me, peer, 'question')
  await exchange(peer, me, 'answer')
  await me.repository.encryptGroupMessage(message)
}

function bytesOf(type: string): number {
  const [, record] = [...me.store.values].find(([key]) => key.startsWith(`${type}|`)) ?? []
  return record instanceof Uint8Array ? record.length : JSON.stringify(record).length
}

const [session, senderKey] = [bytesOf('session'), bytesOf('sender-key')]
conclude(session < 2000 && senderKey < 2000, `the session has ${session} bytes, the sender key ${senderKey}`)

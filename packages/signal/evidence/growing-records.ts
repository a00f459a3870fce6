// 200 messages to a group: does the own sender key stay under 2 kB? `stock` fails, `ours` passes.
import { ourParty, stockParty } from '../test/parties.js'

const me = (process.argv[2] === 'stock' ? stockParty : ourParty)('15550000001@s.whatsapp.net')
const message = { group: '120363000000000001@g.us', meId: me.jid, data: Buffer.from('x') }
for (let index = 0; index < 200; index++) await me.repository.encryptGroupMessage(message)
const [, record] = [...me.store.values].find(([key]) => key.startsWith('sender-key|')) ?? []
const bytes = (record as Uint8Array).length
console.log(`the sender key has ${bytes} bytes after 200 messages`)
process.exit(bytes < 2_000 ? 0 : 1)

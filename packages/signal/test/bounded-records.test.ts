import { expect, it } from 'vitest'
import { exchange, introduce, ourParty } from './parties.js'

const ANA = '4915110000001@s.whatsapp.net'
const BEN = '4915110000002@s.whatsapp.net'
const GROUP = '120363000000000001@g.us'
const LIMIT_BYTES = 2_000

it('sessions and sender keys stay under 2 kB with ours on both ends', async () => {
  const [ana, ben] = [ourParty(ANA), ourParty(BEN)]
  await introduce(ana, ben)
  const { senderKeyDistributionMessage } = await ana.repository.encryptGroupMessage({
    group: GROUP,
    meId: ANA,
    data: Buffer.from('first'),
  })
  await ben.repository.processSenderKeyDistributionMessage({
    authorJid: ANA,
    item: { groupId: GROUP, axolotlSenderKeyDistributionMessage: senderKeyDistributionMessage },
  })
  for (let round = 0; round < 300; round++) {
    await exchange(ana, ben, `question ${round}`)
    await exchange(ben, ana, `answer ${round}`)
    const sent = await ana.repository.encryptGroupMessage({ group: GROUP, meId: ANA, data: Buffer.from('to all') })
    const msg = Buffer.from(sent.ciphertext)
    await ben.repository.decryptGroupMessage({ group: GROUP, authorJid: ANA, msg })
  }
  const records = [ana, ben].flatMap(({ store }) =>
    [...store.values].filter(([key]) => key.startsWith('session|') || key.startsWith('sender-key|')),
  )
  expect(records).toHaveLength(4)
  for (const [key, record] of records) expect((record as Uint8Array).length, key).toBeLessThan(LIMIT_BYTES)
})

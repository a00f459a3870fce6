import { describe, expect, it } from 'vitest'
import { baileysParty, ourParty, type Party } from './parties.js'

const GROUP = '120363000000000001@g.us'
const AUTHOR = '4915110000001:2@s.whatsapp.net'
const MEMBER = '4915110000002@s.whatsapp.net'

async function sendToGroup(author: Party, text: string) {
  return author.repository.encryptGroupMessage({ group: GROUP, meId: author.jid, data: Buffer.from(text) })
}

async function distribute(author: Party, member: Party, distribution: Uint8Array): Promise<void> {
  await member.repository.processSenderKeyDistributionMessage({
    authorJid: author.jid,
    item: { groupId: GROUP, axolotlSenderKeyDistributionMessage: distribution },
  })
}

async function readFromGroup(member: Party, author: Party, ciphertext: Uint8Array): Promise<string> {
  const msg = Buffer.from(ciphertext)
  return Buffer.from(
    await member.repository.decryptGroupMessage({ group: GROUP, authorJid: author.jid, msg }),
  ).toString()
}

describe.each([
  ['ours', 'stock', ourParty, baileysParty],
  ['stock', 'ours', baileysParty, ourParty],
  ['ours', 'ours', ourParty, ourParty],
] as const)('a group message of %s read by %s', (_author, _member, makeAuthor, makeMember) => {
  // Stock cannot read a skipped group message: the seed comes back from its store as a plain object, not as a Buffer.
  const order = makeMember === baileysParty ? [0, 1, 2, 3, 4] : [2, 0, 4, 1, 3]

  it('is read after the sender key was distributed, in and out of order', async () => {
    const [author, member] = [makeAuthor(AUTHOR), makeMember(MEMBER)]
    const first = await sendToGroup(author, 'first')
    await distribute(author, member, first.senderKeyDistributionMessage)
    expect(await readFromGroup(member, author, first.ciphertext)).toBe('first')
    const sent = []
    for (let index = 0; index < 5; index++) sent.push((await sendToGroup(author, `message ${index}`)).ciphertext)
    for (const index of order) {
      expect(await readFromGroup(member, author, sent[index] ?? expect.fail())).toBe(`message ${index}`)
    }
  })

  it('is read by a member who gets the sender key later', async () => {
    const [author, member] = [makeAuthor(AUTHOR), makeMember(MEMBER)]
    await sendToGroup(author, 'before')
    await sendToGroup(author, 'before')
    const distribution = await author.repository.getSenderKeyDistributionMessage({ group: GROUP, meId: author.jid })
    await distribute(author, member, distribution)
    const { ciphertext } = await sendToGroup(author, 'after')
    expect(await readFromGroup(member, author, ciphertext)).toBe('after')
    await distribute(author, member, distribution)
    expect(await readFromGroup(member, author, (await sendToGroup(author, 'next')).ciphertext)).toBe('next')
  })
})

describe('our sender keys', () => {
  it('are there once something was sent or distributed', async () => {
    const author = ourParty(AUTHOR)
    expect(await author.repository.hasSenderKey({ group: GROUP, meId: AUTHOR })).toBe(false)
    await author.repository.getSenderKeyDistributionMessage({ group: GROUP, meId: AUTHOR })
    expect(await author.repository.hasSenderKey({ group: GROUP, meId: AUTHOR })).toBe(true)
  })

  it('stay small', async () => {
    const author = ourParty(AUTHOR)
    for (let index = 0; index < 300; index++) await sendToGroup(author, 'x')
    const record = author.store.values.get('sender-key|120363000000000001@g.us::4915110000001::2') as Uint8Array
    expect(record.length).toBeLessThan(200)
  })

  it('write nothing when asked for again', async () => {
    const author = ourParty(AUTHOR)
    await author.repository.getSenderKeyDistributionMessage({ group: GROUP, meId: AUTHOR })
    author.store.sets = []
    await author.repository.getSenderKeyDistributionMessage({ group: GROUP, meId: AUTHOR })
    expect(author.store.sets).toEqual([])
  })

  it('refuse a repeated message and one nobody distributed the key of', async () => {
    const [author, member] = [baileysParty(AUTHOR), ourParty(MEMBER, { inbox: false })]
    const { ciphertext, senderKeyDistributionMessage } = await sendToGroup(author, 'x')
    await expect(readFromGroup(member, author, ciphertext)).rejects.toMatchObject({ code: 'SIGNAL_NO_SENDER_KEY' })
    await distribute(author, member, senderKeyDistributionMessage)
    await readFromGroup(member, author, ciphertext)
    await expect(readFromGroup(member, author, ciphertext)).rejects.toThrow(/^Key used already or never filled$/)
  })
})

// The long conversations: too long for the tests. Nothing lost, no message key used twice, records stay small.
// 10,000 messages 1:1 and to a group with ours on both ends; 1,500 and 300 with stock on one end, both ways.
import {
  baileysParty,
  bundleOf,
  exchange,
  ourParty,
  type Party,
  receive,
  send,
  WireTap,
} from '../../packages/signal/test/parties.js'

const [ANA, BEN, GROUP] = ['15550000001@s.whatsapp.net', '15550000002@s.whatsapp.net', '120363000000000001@g.us']
const LIMIT_BYTES = 2000

// libsignal prints session records.
console.info = console.warn = console.error = () => {}

async function talk(ana: Party, ben: Party, messages: number, random: () => number): Promise<void> {
  await ana.repository.injectE2ESession({ jid: BEN, session: await bundleOf(ben) })
  await exchange(ana, ben, 'hello')
  await exchange(ben, ana, 'hi')
  const tap = new WireTap()
  for (let sent = 2; sent < messages; ) {
    const [from, to] = random() < 0.5 ? [ana, ben] : [ben, ana]
    const burst = Math.min(1 + Math.floor(random() * 4), messages - sent)
    const letters = []
    for (let index = 0; index < burst; index++)
      letters.push({ text: `${sent + index}`, ...(await send(from, to, `${sent + index}`)) })
    for (const letter of letters) tap.oneToOne(letter)
    // Any order within the burst.
    letters.sort(() => random() - 0.5)
    for (const letter of letters) {
      const text = await receive(to, from, letter)
      if (text !== letter.text) throw new Error(`message ${letter.text} was read as ${text}`)
    }
    sent += burst
  }
}

async function talkToGroup(author: Party, member: Party, messages: number): Promise<void> {
  const tap = new WireTap()
  for (let index = 0; index < messages; index++) {
    const data = Buffer.from(`message ${index}`)
    const sent = await author.repository.encryptGroupMessage({ group: GROUP, meId: author.jid, data })
    tap.group(sent.ciphertext)
    if (index === 0) {
      await member.repository.processSenderKeyDistributionMessage({
        authorJid: author.jid,
        item: { groupId: GROUP, axolotlSenderKeyDistributionMessage: sent.senderKeyDistributionMessage },
      })
    }
    const msg = Buffer.from(sent.ciphertext)
    const read = await member.repository.decryptGroupMessage({ group: GROUP, authorJid: author.jid, msg })
    if (!data.equals(read)) throw new Error(`group message ${index} was read as something else`)
  }
}

function largestRecord(...parties: Party[]): number {
  const records = parties.flatMap(({ store }) =>
    [...store.values].filter(([key, value]) => /^(session|sender-key)\|/.test(key) && value instanceof Uint8Array),
  )
  return Math.max(...records.map(([, value]) => (value as Uint8Array).length))
}

/** mulberry32, so that every run is the same. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const conversations = [
  { name: 'ours and ours', make: [ourParty, ourParty], messages: 10_000, groupMessages: 10_000, bounded: true },
  { name: 'ours to stock', make: [ourParty, baileysParty], messages: 1500, groupMessages: 300, bounded: false },
  { name: 'stock to ours', make: [baileysParty, ourParty], messages: 1500, groupMessages: 300, bounded: false },
] as const

let isGood = true
for (const { name, make, messages, groupMessages, bounded } of conversations) {
  const [ana, ben] = [make[0](ANA), make[1](BEN)]
  await talk(ana, ben, messages, randomOf(messages))
  await talkToGroup(ana, ben, groupMessages)
  const bytes = largestRecord(...[ana, ben].filter((_, index) => make[index] === ourParty))
  if (bounded && bytes >= LIMIT_BYTES) isGood = false
  console.log(
    `${name}: ${messages} messages and ${groupMessages} to a group, all read once, no key used twice; largest record of ours ${bytes} bytes`,
  )
}
process.exit(isGood ? 0 : 1)

import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import {
  baileysParty,
  comeToUs,
  type Envelope,
  introduce,
  leaveForBaileys,
  ourParty,
  type Party,
  receive,
  send,
  WireTap,
} from './parties.js'

// Random conversations with stock Baileys at the other end. Seeds are fixed; a failure prints the one to add here.
const SEEDS = [1, 20_261_124, 4242]

// Some seconds each; a busy machine needs longer.
vi.setConfig({ testTimeout: 90_000 })

const GROUP = '120363000000000001@g.us'
const ME = '4915110000001:1@s.whatsapp.net'
const PEERS = ['4915110000002@s.whatsapp.net', '4915110000002:7@s.whatsapp.net', '4915110000003@s.whatsapp.net']

type Step =
  | { kind: 'send' | 'answer'; peer: number }
  | { kind: 'deliver' | 'repeat'; peer: number; pick: number }
  | { kind: 'move' }
  | { kind: 'retry'; peer: number }

const peer = fc.nat({ max: PEERS.length - 1 })
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('send' as const, 'answer' as const), peer }) },
  { weight: 7, arbitrary: fc.record({ kind: fc.constant('deliver' as const), peer, pick: fc.nat({ max: 20 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('repeat' as const), peer, pick: fc.nat({ max: 20 }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'move' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('retry' as const), peer }) },
)

interface Letter extends Envelope {
  readonly text: string
  readonly fromMe: boolean
}

/** One account that moves between stock and ours, talking to three devices; what is on its way arrives in any order. */
class Conversation {
  me: Party = ourParty(ME)
  isOurs = true
  readonly peers: Party[]
  readonly onTheWay: Letter[][] = PEERS.map(() => [])
  readonly arrived: Letter[][] = PEERS.map(() => [])
  readonly #tap = new WireTap()
  #count = 0

  constructor(makePeer: (jid: string) => Party) {
    this.peers = PEERS.map((jid) => makePeer(jid))
  }

  async begin(): Promise<void> {
    for (const [index, peer] of this.peers.entries()) {
      await (index === 1 ? introduce(peer, this.me) : introduce(this.me, peer))
      await this.send(index, index !== 1)
      await this.deliver(index, 0)
      await this.send(index, index === 1)
      await this.deliver(index, 0)
    }
  }

  async send(index: number, fromMe: boolean): Promise<void> {
    const [from, to] = fromMe ? [this.me, this.#peer(index)] : [this.#peer(index), this.me]
    const text = `message ${this.#count++}`
    const envelope = await send(from, to, text)
    this.#tap.oneToOne(envelope)
    this.onTheWay[index]?.push({ ...envelope, text, fromMe })
  }

  async deliver(index: number, pick: number): Promise<void> {
    const waiting = this.onTheWay[index] ?? []
    const [letter] = waiting.splice(pick % Math.max(waiting.length, 1), 1)
    if (!letter) return
    expect(await this.#read(index, letter)).toBe(letter.text)
    this.arrived[index]?.push(letter)
  }

  /** The same message again: ours answers it, stock refuses it. */
  async repeat(index: number, pick: number): Promise<void> {
    const arrived = this.arrived[index] ?? []
    const letter = arrived[pick % Math.max(arrived.length, 1)]
    if (!letter) return
    const outcome = await this.#read(index, letter).catch(() => 'refused')
    expect(['refused', letter.text]).toContain(outcome)
  }

  /** To stock and back. */
  async move(): Promise<void> {
    this.me = await (this.isOurs ? leaveForBaileys(this.me) : comeToUs(this.me))
    this.isOurs = !this.isOurs
  }

  /** A retry receipt with keys: a new session. What was sent before has arrived, as stock cannot keep two apart. */
  async retry(index: number): Promise<void> {
    await this.drain(index)
    await introduce(this.me, this.#peer(index))
    await this.send(index, true)
    await this.deliver(index, 0)
  }

  async drain(index: number): Promise<void> {
    while ((this.onTheWay[index]?.length ?? 0) > 0) await this.deliver(index, 0)
  }

  #read(index: number, letter: Letter): Promise<string> {
    return letter.fromMe ? receive(this.#peer(index), this.me, letter) : receive(this.me, this.#peer(index), letter)
  }

  #peer(index: number): Party {
    return this.peers[index] ?? expect.fail()
  }
}

async function play(conversation: Conversation, steps: readonly Step[]): Promise<void> {
  await conversation.begin()
  for (const step of steps) {
    if (step.kind === 'send' || step.kind === 'answer') await conversation.send(step.peer, step.kind === 'send')
    else if (step.kind === 'deliver') await conversation.deliver(step.peer, step.pick)
    else if (step.kind === 'repeat') await conversation.repeat(step.peer, step.pick)
    else if (step.kind === 'move') await conversation.move()
    else await conversation.retry(step.peer)
  }
  for (const index of PEERS.keys()) await conversation.drain(index)
}

describe.each(SEEDS)('random conversations, seed %i', (seed) => {
  it('with stock devices lose nothing, whatever arrives when, and however often the account moves', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 100 }), (steps) =>
        play(new Conversation(baileysParty), steps),
      ),
      { seed, numRuns: 8 },
    )
  })

  it('with devices of ours lose nothing either', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 100 }), (steps) =>
        play(new Conversation(ourParty), steps),
      ),
      { seed, numRuns: 6 },
    )
  })
})

describe.each(SEEDS)('random group conversations, seed %i', (seed) => {
  const groupStep = fc.oneof(
    { weight: 4, arbitrary: fc.constant({ kind: 'send' as const }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('deliver' as const), pick: fc.nat({ max: 9 }) }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'author moves' as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'distribute' as const }) },
  )

  it('are read by a member of ours in any order, while the author moves between stock and ours', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(groupStep, { minLength: 10, maxLength: 80 }), async (steps) => {
        const tap = new WireTap()
        let author = baileysParty(ME)
        let isOurs = false
        const member = ourParty(PEERS[0] as string)
        const onTheWay: Array<{ text: string; ciphertext: Uint8Array }> = []
        const distribute = async () =>
          member.repository.processSenderKeyDistributionMessage({
            authorJid: ME,
            item: {
              groupId: GROUP,
              axolotlSenderKeyDistributionMessage: await author.repository.getSenderKeyDistributionMessage({
                group: GROUP,
                meId: ME,
              }),
            },
          })
        await distribute()
        const deliver = async (pick: number) => {
          const [letter] = onTheWay.splice(pick % Math.max(onTheWay.length, 1), 1)
          if (!letter) return
          const msg = Buffer.from(letter.ciphertext)
          const read = () => member.repository.decryptGroupMessage({ group: GROUP, authorJid: ME, msg })
          expect(Buffer.from(await read()).toString()).toBe(letter.text)
          expect(Buffer.from(await read()).toString()).toBe(letter.text)
        }
        for (const step of steps) {
          if (step.kind === 'send') {
            const text = `message ${onTheWay.length} ${steps.length}`
            const { ciphertext } = await author.repository.encryptGroupMessage({
              group: GROUP,
              meId: ME,
              data: Buffer.from(text),
            })
            tap.group(ciphertext)
            onTheWay.push({ text, ciphertext })
          } else if (step.kind === 'deliver') await deliver(step.pick)
          else if (step.kind === 'distribute') await distribute()
          else {
            author = await (isOurs ? leaveForBaileys(author) : comeToUs(author))
            isOurs = !isOurs
          }
        }
        while (onTheWay.length > 0) await deliver(0)
      }),
      { seed, numRuns: 8 },
    )
  })

  it('are read in order by a member that moves between stock and ours', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 5, maxLength: 40 }), async (moves) => {
        const author = ourParty(ME)
        let member: Party = ourParty(PEERS[0] as string)
        let isOurs = true
        const { repository } = author
        const first = await repository.getSenderKeyDistributionMessage({ group: GROUP, meId: ME })
        await member.repository.processSenderKeyDistributionMessage({
          authorJid: ME,
          item: { groupId: GROUP, axolotlSenderKeyDistributionMessage: first },
        })
        for (const [index, move] of moves.entries()) {
          if (move) {
            member = await (isOurs ? leaveForBaileys(member) : comeToUs(member))
            isOurs = !isOurs
          }
          const data = Buffer.from(`message ${index}`)
          const { ciphertext } = await repository.encryptGroupMessage({ group: GROUP, meId: ME, data })
          const msg = Buffer.from(ciphertext)
          const text = await member.repository.decryptGroupMessage({ group: GROUP, authorJid: ME, msg })
          expect(Buffer.from(text).toString()).toBe(`message ${index}`)
        }
      }),
      { seed, numRuns: 8 },
    )
  })
})

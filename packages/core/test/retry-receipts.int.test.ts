import type { Phone } from '@trunkline/simulator'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { TrunklineError } from '../src/index.js'
import { Live, type LiveManager } from './support/live.js'

const ANA = '15550000001'
const BEN = '15550000002'
const CAROL = '15550000003'
const MALLORY = '15550000009'

let live: Live
let trunk: LiveManager
let ana: Phone
let carol: Phone
let mallory: Phone

beforeEach(async () => {
  live = await Live.start('retry receipts')
  ana = await live.phone(ANA, 'Ana')
  carol = await live.phone(CAROL, 'Carol')
  mallory = await live.phone(MALLORY, 'Mallory')
  trunk = live.manager()
  await trunk.link('ana', ana)
})

afterEach(() => live[Symbol.asyncDispose]())

/** Asks the account's device for a message, as somebody does who could not decrypt it. */
function askFor(id: string, asker: Phone, { addressing, to }: { addressing: 'pn' | 'lid'; to?: string }): void {
  const [user, server] = (addressing === 'lid' ? ana.lid : ana.jid).split('@')
  const t = String(Math.floor(Date.now() / 1000))
  const retry = { tag: 'retry', attrs: { v: '1', count: '1', id, t } }
  const registration = { tag: 'registration', attrs: {}, content: Buffer.from([0, 0, 0, 7]) }
  asker.sendReceipt({ to: to ?? `${user}:1@${server}`, id, type: 'retry', t }, [retry, registration])
}

/** What the account says to `marker` after everything that was asked before: Baileys handles receipts one after the other. */
async function handled(): Promise<void> {
  await live.simulator.idle()
  const { id } = await carol.sendText(ANA, 'marker')
  await trunk.heardEvent('message', 'ana', ({ message }) => message.id === id)
  await live.simulator.idle()
}

it.each(['pn', 'lid'] as const)('gives nobody what was written to somebody else, by %s', async (addressing) => {
  const { id } = await trunk.manager.send('ana', { to: CAROL, text: 'secret for Carol' })
  await carol.waitForMessage('secret for Carol')
  await mallory.sendText(ANA, 'hello')
  await trunk.heardEvent('message', 'ana', ({ message }) => message.text === 'hello')
  let given = 0
  live.simulator.tap(({ node, direction }) => {
    if (direction === 'in' && node.tag === 'message' && node.attrs.id === id) given += 1
  })
  askFor(id, mallory, { addressing })
  await handled()
  askFor(id, carol, { addressing })
  await handled()
  // Carol, whom it was for, was given it once more.
  await expect.poll(() => given).toBe(1)
  expect(mallory.messages.map(({ text }) => text)).not.toContain('secret for Carol')
})

it.each(['pn', 'lid'] as const)(
  'gives a message of a group to its members only, in a group by %s',
  async (addressing) => {
    const ben = await live.phone(BEN, 'Ben')
    const { jid } = await live.simulator.createGroup({
      subject: 'Team',
      creator: ANA,
      participants: [CAROL, BEN],
      addressing,
    })
    await mallory.sendText(ANA, 'hello')
    await trunk.heardEvent('message', 'ana', ({ message }) => message.text === 'hello')
    const { id } = await trunk.manager.send('ana', { to: jid, text: 'for the team' })
    await Promise.all([carol, ben].map((phone) => phone.waitForMessage('for the team')))
    const given: string[] = []
    live.simulator.tap(({ node, direction }) => {
      if (direction === 'in' && node.tag === 'message' && node.attrs.id === id) given.push(node.attrs.to ?? '')
    })
    askFor(id, mallory, { addressing })
    await handled()
    expect(given).toEqual([])
    expect(mallory.messages.map(({ text }) => text)).not.toContain('for the team')
  },
)

it('is asked again when the sent message cannot be read, and gives it then', async () => {
  const { messages } = trunk.store
  const find = messages.find.bind(messages)
  const { id } = await trunk.manager.send('ana', { to: CAROL, text: 'once more' })
  await carol.waitForMessage('once more')
  let failures = 0
  messages.find = async (...args) => {
    failures += 1
    if (failures === 1) throw new TrunklineError('STORE_UNAVAILABLE')
    return find(...args)
  }
  const given = new Promise<void>((resolve) => {
    live.simulator.tap(({ node, direction }) => {
      if (direction === 'in' && node.tag === 'message' && node.attrs.id === id) resolve()
    })
  })
  askFor(id, carol, { addressing: 'lid' })
  await given
  expect(failures).toBe(2)
})

import type { Phone } from '@trunkline/simulator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SessionSettings } from '../src/index.js'
import { eventually, Live, type LiveManager } from './support/live.js'

const ANA = '15550000001'
const CAROL = '15550000003'

// What each setting does, as the other side sees it. The proxy has tests of its own (proxy.int.test.ts).
describe('settings of a session, on the wire', () => {
  let live: Live
  let ana: Phone
  let carol: Phone

  beforeEach(async () => {
    live = await Live.start('settings')
    ana = await live.phone(ANA, 'Ana')
    carol = await live.phone(CAROL, 'Carol')
  })
  afterEach(() => live[Symbol.asyncDispose]())

  async function linked(settings: SessionSettings): Promise<LiveManager> {
    const trunk = live.manager({ defaultSettings: settings })
    await trunk.link('ana', ana)
    return trunk
  }

  /** Everything that was sent before is there. */
  async function afterAll(trunk: LiveManager, text = 'that is all'): Promise<void> {
    await carol.sendText(ANA, text)
    await trunk.heardEvent('message', 'ana', ({ message }) => message.text === text)
  }

  it.each([
    [true, true],
    [false, false],
    [undefined, false],
  ])('markOnline %s: others see the account online: %s', async (markOnline, online) => {
    const trunk = await linked(markOnline === undefined ? {} : { markOnline })
    await afterAll(trunk)
    const available = () => live.simulator.connections.map((connection) => connection.available)
    if (online) await eventually(available, ([first]) => first === true)
    expect(available()).toEqual([online])
  })

  it.each([
    [true, ['read']],
    [false, []],
    [undefined, []],
  ])('readOnReceive %s: the sender gets these receipts beside those of delivery: %j', async (readOnReceive, read) => {
    const trunk = await linked(readOnReceive === undefined ? {} : { readOnReceive })
    const { id } = await carol.sendText(ANA, 'have you seen this?')
    await trunk.heardEvent('message', 'ana', ({ message }) => message.id === id)
    const types = () => carol.receipts.filter(({ ids }) => ids.includes(id)).map(({ type }) => type)
    const wanted = read.length > 0 ? 'read' : 'delivered'
    await eventually(types, (seen) => seen.includes(wanted))
    await afterAll(trunk)
    expect(types().filter((type) => type !== 'delivered')).toEqual(read)
  })

  it.each([
    [true, ['reject']],
    [false, []],
    [undefined, []],
  ])('rejectCalls %s: a caller gets %j, and the call is told in any case', async (rejectCalls, answers) => {
    const trunk = await linked(rejectCalls === undefined ? {} : { rejectCalls })
    const { id } = await carol.call(ANA, { video: true })
    expect(await trunk.heardEvent('call', 'ana')).toMatchObject({ callId: id, from: carol.jid, kind: 'video' })
    if (answers.length > 0)
      await eventually(
        () => carol.callAnswers,
        (seen) => seen.length > 0,
      )
    await afterAll(trunk)
    expect(carol.callAnswers.map(({ kind }) => kind)).toEqual(answers)
    for (const answer of carol.callAnswers) expect(answer).toMatchObject({ id, from: ana.jid })
  })

  it('ignoreGroups: nothing of a group is stored or told, and the phone keeps it', async () => {
    const trunk = await linked({ ignoreGroups: true })
    const { jid } = await live.simulator.createGroup({ subject: 'Team', creator: CAROL, participants: [ANA] })
    await carol.sendText(jid, 'in the group')
    await ana.waitForMessage('in the group')
    await afterAll(trunk)
    expect((await trunk.manager.messages('ana')).items.map(({ text }) => text)).toEqual(['that is all'])
    expect((await trunk.manager.chats('ana', { kind: 'group' })).items).toEqual([])
  })

  it.each([
    ['Front desk', 'Front desk'],
    [undefined, 'Mac OS'],
  ])('deviceName %s: the phone lists a device called %s', async (deviceName, listed) => {
    await linked(deviceName === undefined ? {} : { deviceName })
    expect(ana.devices.map(({ name }) => name)).toEqual([listed])
  })

  const histories: [NonNullable<SessionSettings['preload']>, string[]][] = [
    [{ type: 'individual', limit: 1 }, ['newest']],
    [{ type: 'individual', limit: 30 }, ['newest', 'older']],
    [{ type: 'none', limit: 30 }, []],
  ]
  it.each(histories)('preload %j: of the history on the phone is kept %j', async (preload, kept) => {
    await ana.setHistory([
      { with: CAROL, messages: [{ text: 'older', at: '2026-01-01T00:00:00.000Z' }] },
      { with: '15550000009', messages: [{ text: 'newest', at: '2026-01-02T00:00:00.000Z' }] },
    ])
    const trunk = await linked({ preload })
    if (kept.length > 0) await trunk.heardEvent('history.progress', 'ana', ({ messages }) => messages > 0)
    await afterAll(trunk)
    const texts = (await trunk.manager.messages('ana')).items.map(({ text }) => text)
    expect(texts.filter((text) => text !== 'that is all').sort()).toEqual([...kept].sort())
  })
})

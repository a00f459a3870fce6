import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMemoryStore, type Store, TrunklineError } from '@trunkline/core'
import { createSqliteStore } from '@trunkline/sqlite-store'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Live, type LiveManager } from '../../packages/core/test/support/live.js'

const ANA = '15550000001'
const BEN = '15550000002'
const CAROL = '15550000003'

/** How the next read of keys of a type goes wrong, once each. */
type Fault = 'rejects' | 'is garbage'

/** A store whose single reads of Signal keys go wrong; those of the next connection work again. */
class FaultyReads {
  readonly armed = new Map<string, Fault>()

  constructor({ auth }: Store) {
    const readKeys = auth.readKeys.bind(auth)
    auth.readKeys = async (sessionId, type, ids) => {
      const fault = this.armed.get(type)
      this.armed.delete(type)
      if (fault === 'rejects') throw new TrunklineError('STORE_UNAVAILABLE')
      if (fault === 'is garbage') return new Map(ids.map((id) => [id, Buffer.from('garbage')]))
      return readKeys(sessionId, type, ids)
    }
  }
}

const stores = {
  memory: async () => ({ store: createMemoryStore(), end: async () => undefined }),
  sqlite: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'trunkline-reads-'))
    const store = createSqliteStore({ path: join(folder, 'store.db') })
    await store.setup()
    const end = async () => {
      await store.close()
      await rm(folder, { recursive: true, force: true })
    }
    return { store, end }
  },
}

describe.each(Object.entries(stores))('one failed read of a Signal key, on %s', (_name, open) => {
  let live: Live
  let opened: Awaited<ReturnType<typeof open>>
  let reads: FaultyReads
  let trunk: LiveManager
  /** What the server was told of messages: that they could not be read, or are asked for again. */
  let refusals: string[]

  beforeEach(async () => {
    live = await Live.start('failed reads')
    opened = await open()
    reads = new FaultyReads(opened.store)
    trunk = live.manager({ store: opened.store })
    refusals = []
    live.simulator.tap(({ node, direction }) => {
      if (direction !== 'in') return
      if (node.tag === 'receipt' && node.attrs.type === 'retry') refusals.push('retry')
      if (node.tag === 'ack' && node.attrs.class === 'message' && node.attrs.error) refusals.push(node.attrs.error)
    })
    await trunk.link('ana', await live.phone(ANA, 'Ana'))
    // What the own phone tells a new device is read in order: behind it, the reads that fail are those of the tests' messages.
    await (await live.phone(BEN, 'Ben')).sendText(ANA, 'welcome')
    await arrived('welcome')
  })

  afterEach(async () => {
    await live[Symbol.asyncDispose]()
    await opened.end()
  })

  const arrived = (text: string) => trunk.heardEvent('message', 'ana', ({ message }) => message.text === text)
  const texts = () =>
    trunk
      .events('message', 'ana')
      .map(({ message }) => message.text)
      .slice(1)

  it.each(['lid-mapping', 'session', 'pre-key', 'identity-key'])(
    'loses no message of somebody new when a read of %s fails',
    async (type) => {
      const carol = await live.phone(CAROL, 'Carol')
      reads.armed.set(type, 'rejects')
      await carol.sendText(ANA, 'first')
      await arrived('first')
      await carol.sendText(ANA, 'second')
      await arrived('second')
      expect(reads.armed.size).toBe(0)
      expect(refusals).toEqual([])
      expect(texts()).toEqual(['first', 'second'])
    },
  )

  it('loses no message of a group when a read of sender-key fails: of a new member, and of one that is known', async () => {
    const carol = await live.phone(CAROL, 'Carol')
    const { jid } = await live.simulator.createGroup({ subject: 'Team', creator: CAROL, participants: [ANA] })
    reads.armed.set('sender-key', 'rejects')
    await carol.sendText(jid, 'first')
    await arrived('first')
    expect(reads.armed.size).toBe(0)
    await trunk.manager.restartSession('ana')
    reads.armed.set('sender-key', 'rejects')
    await carol.sendText(jid, 'second')
    await arrived('second')
    expect(reads.armed.size).toBe(0)
    expect(refusals).toEqual([])
    expect(texts()).toEqual(['first', 'second'])
  })

  it('connects again when the journal cannot be read at the start, and loses nothing that waits', async () => {
    const carol = await live.phone(CAROL, 'Carol')
    await trunk.manager.stopSession('ana')
    await carol.sendText(ANA, 'while away')
    reads.armed.set('inbox', 'rejects')
    await trunk.manager.startSession('ana')
    await arrived('while away')
    expect(reads.armed.size).toBe(0)
    expect(refusals).toEqual([])
  })

  it.each(['session', 'lid-mapping'])(
    'fails the session when a record of %s cannot be decoded; the message comes once it can',
    async (type) => {
      const carol = await live.phone(CAROL, 'Carol')
      reads.armed.set(type, 'is garbage')
      await carol.sendText(ANA, 'first')
      await trunk.status('ana', 'failed')
      expect(await trunk.manager.get('ana')).toMatchObject({ statusReason: { code: 'STORE_CORRUPT' } })
      expect(refusals).toEqual([])
      await trunk.manager.startSession('ana')
      await arrived('first')
      expect(texts()).toEqual(['first'])
    },
  )
})

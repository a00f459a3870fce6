import { Writable } from 'node:stream'
import { inspect } from 'node:util'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Live } from './support/live.js'
import { secretsOf } from './support/secrets.js'

const ANA = '15550000001'
const BEN = '15550000002'
const CAROL = '15550000003'

describe('what a run writes', () => {
  let live: Live
  let output: string[]

  beforeEach(async () => {
    live = await Live.start('secrets')
    output = []
    for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
      vi.spyOn(console, method).mockImplementation(
        (...args) => void output.push(args.map((arg) => inspect(arg, { depth: 10 })).join(' ')),
      )
    }
    for (const stream of [process.stdout, process.stderr]) {
      vi.spyOn(stream, 'write').mockImplementation((chunk) => {
        output.push(String(chunk))
        return true
      })
    }
  })

  afterEach(async () => {
    vi.restoreAllMocks()
    await live[Symbol.asyncDispose]()
  })

  it('contains no key, QR, pairing code or message text at any log level', async () => {
    const logger = pino(
      { level: 'trace' },
      new Writable({ write: (chunk, _encoding, done) => done(void output.push(String(chunk))) }),
    )
    const [ana, ben, carol] = [
      await live.phone(ANA, 'Ana'),
      await live.phone(BEN, 'Ben'),
      await live.phone(CAROL, 'Carol'),
    ]
    const trunk = live.manager({ logger })
    await Promise.all([trunk.link('ana', ana), trunk.link('ben', ben)])
    const secrets = [...(await secretsOf(trunk.store.auth, 'ana')), ...(await secretsOf(trunk.store.auth, 'ben'))]
    for (let turn = 0; turn < 3; turn += 1) {
      await trunk.manager.send('ana', { to: BEN, text: `top secret text ${turn}` })
      const answer = await trunk.manager.send('ben', { to: ANA, text: `equally secret ${turn}` })
      await trunk.heardEvent('message', 'ana', ({ message }) => message.id === answer.id)
    }
    await carol.sendText(ANA, 'a customer secret')
    await trunk.heardEvent('message', 'ana', ({ message }) => message.text === 'a customer secret')
    live.simulator.faults.on({ number: ANA, direction: 'out', tag: 'message' }, { do: 'corrupt' }, { times: 1 })
    await carol.sendText(ANA, 'a broken secret')
    live.simulator.faults.malformed(ANA)
    live.simulator.faults.failSend(BEN, 479)
    await trunk.manager.send('ben', { to: CAROL, text: 'a refused secret' }).catch(() => undefined)
    live.simulator.faults.dropAll()
    await trunk.status('ben', 'connected', trunk.heard.length)
    secrets.push(...(await secretsOf(trunk.store.auth, 'ana')))
    for (const { qr } of [...trunk.events('qr', 'ana'), ...trunk.events('qr', 'ben')])
      secrets.push(...qr.split(',').slice(1), qr)
    await trunk.manager.logoutSession('ana')
    await trunk.manager.close()

    const written = output.join('\n')
    expect(written.length).toBeGreaterThan(200)
    expect(secrets.length).toBeGreaterThan(1_000)
    const found = secrets.filter((secret) => secret.length >= 8 && written.includes(secret))
    expect(found).toEqual([])
    expect(written).not.toMatch(/secret/)
  })
})

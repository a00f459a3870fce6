import type { UserFacingSocketConfig } from '@whiskeysockets/baileys'
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest'
import { type Phone, type Simulator, startSimulator } from '../src/index.js'
import { installStrictVerification, linkedClient, type MemoryAuth, silenceLibsignal, TestClient } from './client.js'

export interface Account {
  phone: Phone
  client: TestClient
}

/** Linking costs a client 812 key pairs: files whose tests do not disturb one another share a simulator. */
type Scope = 'test' | 'file'

/** A simulator and its clients; in the end nobody may have done anything that it does not know. */
export class Simulation {
  sim!: Simulator
  /** What a test does on purpose is not asserted on. */
  strict = true
  /** As `strict`, for what phones could not read or do. */
  flawless = true
  /** What a client asks on purpose though nobody knows it. */
  unknown: string[] = []
  readonly #clients: TestClient[] = []

  constructor(seed: string, scope: Scope = 'test') {
    beforeAll(async () => {
      silenceLibsignal()
      await installStrictVerification()
    })
    const [before, after] = scope === 'test' ? [beforeEach, afterEach] : [beforeAll, afterAll]
    before(async () => {
      this.strict = true
      this.flawless = true
      this.unknown = []
      this.sim = await startSimulator({ seed })
    })
    after(async () => {
      for (const client of this.#clients.splice(0)) client.close()
      await this.sim.close()
      expect(this.sim.unhandled.map(({ key }) => key)).toEqual(this.unknown)
      if (this.strict) expect(this.sim.violations).toEqual([])
      if (this.flawless) expect(this.sim.phones.flatMap(({ failures }) => failures)).toEqual([])
    })
  }

  /** An unlinked client. */
  client(config?: Partial<UserFacingSocketConfig>, auth?: MemoryAuth): TestClient {
    return this.own(new TestClient(this.sim, auth, config))
  }

  own(client: TestClient): TestClient {
    this.#clients.push(client)
    return client
  }

  phone(number: string, name = `Phone ${number}`): Promise<Phone> {
    return this.sim.createPhone({ number, name })
  }

  /** One more companion of a phone, linked and open. */
  async companion(phone: Phone, config?: Partial<UserFacingSocketConfig>): Promise<TestClient> {
    return this.own(await linkedClient(this.sim, phone, config))
  }

  async account(number: string, name?: string): Promise<Account> {
    const phone = await this.phone(number, name)
    return { phone, client: await this.companion(phone) }
  }
}

export const ANA = '15550000001'
export const BEN = '15550000002'
export const CAROL = '15550000003'

/** Only how long something that does not happen may take, on a machine that does other things too. */
const PATIENCE = { timeout: 30_000, interval: 10 }

/** What must come to be; looked at again and again. */
export const eventually = <T>(look: () => T | Promise<T>) => expect.poll(look, PATIENCE)

/**
 * The first login is over: the client has confirmed everything and synchronised its app state. One that leaves before
 * waits for its history again at the next login, and holds back its events for 20 s.
 */
export async function settled(phone: Pick<Phone, 'devices'>, client: TestClient): Promise<void> {
  await vi.waitFor(() => {
    expect(phone.devices.map(({ queued }) => queued)).toEqual(phone.devices.map(() => 0))
    expect(client.auth.creds.accountSyncCounter).toBeGreaterThan(0)
  }, PATIENCE)
}

import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Simulator, startSimulator } from '@trunkline/simulator'
import { MongoClient } from 'mongodb'
import type { Death } from './bot/deadly-store.js'
import type { StoreChoice } from './bot/open-store.js'
import { BotDied, BotProcess } from './bot-process.js'
import { bundleChild } from './bundle.js'
import { PATIENCE_MS } from './eventually.js'
import { castOf, Story } from './story.js'
import { problemsOf } from './verdict.js'
import { WireWatch } from './wire-watch.js'

/** Where the applications of a campaign keep their accounts: each in a store of its own. */
export type StoreKind = { kind: Exclude<StoreChoice['kind'], 'mongo'> } | { kind: 'mongo'; uri: string }

const NUMBERS_PER_STORY = 10

/** Tells the story again and again, on one simulator and with a fresh cast, each time with another death in it. */
export class Campaign {
  readonly #stores: StoreKind
  readonly #simulator: Simulator
  readonly #watch: WireWatch
  readonly #file: string
  readonly #folder: string
  /** Processes that have loaded their code and wait to be told. */
  readonly #standby: BotProcess[] = []
  /** Processes whose bot was stopped in order. */
  readonly #survivors: BotProcess[] = []
  #nextNumber = 15_550_000_000

  private constructor(stores: StoreKind, parts: { simulator: Simulator; file: string; folder: string }) {
    this.#stores = stores
    this.#simulator = parts.simulator
    this.#watch = new WireWatch(parts.simulator)
    this.#file = parts.file
    this.#folder = parts.folder
  }

  static async start(stores: StoreKind): Promise<Campaign> {
    const file = await bundleChild('bot/bot-child.ts')
    const folder = await mkdtemp(join(tmpdir(), 'trunkline-crash-'))
    return new Campaign(stores, { simulator: await startSimulator({ seed: `crash ${stores.kind}` }), file, folder })
  }

  /** The story without a death: the names of all calls to the store. */
  async whole(): Promise<string[]> {
    const { calls, problems } = await this.#tell(undefined)
    if (problems.length > 0) throw new Error(`The story goes wrong without a death: ${problems.join('; ')}`)
    return calls
  }

  /** What went wrong in a story with this death in it. */
  async withDeath(death: Death): Promise<string[]> {
    try {
      return (await this.#tell(death)).problems
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)]
    }
  }

  /** What the simulator did not understand, or found wrong. */
  get objections(): string[] {
    const { unhandled, violations } = this.#simulator
    return [...unhandled.map(({ key }) => key), ...violations.map(({ code, message }) => `${code}: ${message}`)]
  }

  async end(): Promise<void> {
    await Promise.all([...this.#standby, ...this.#survivors].map((bot) => bot.end()))
    await this.#simulator.close()
    await rm(this.#folder, { recursive: true, force: true })
    await rm(this.#file, { force: true })
  }

  async #tell(death: Death | undefined): Promise<{ calls: string[]; problems: string[] }> {
    const number = this.#nextNumber
    this.#nextNumber += NUMBERS_PER_STORY
    const store = await this.#newStore(String(number))
    const story = new Story(await castOf(this.#simulator, number))
    try {
      if (death) await this.#firstLife(story, store, death)
      return await this.#lastLife(story, store)
    } finally {
      await this.#removeStore(store)
    }
  }

  async #firstLife(story: Story, store: StoreChoice, death: Death): Promise<void> {
    const bot = this.#process()
    story.follow(bot)
    try {
      await bot.untilDeath(bot.call('start', { ...this.#options(store), death }))
      await story.tell(bot)
      // It had fewer calls to make this time: it dies at rest.
      bot.kill()
    } catch (error) {
      if (!(error instanceof BotDied)) throw error
    } finally {
      bot.kill()
      await bot.ended
    }
  }

  /** In a process that may have seen the last lives of others: it is the dying ones that have to be new. */
  async #lastLife(story: Story, store: StoreChoice): Promise<{ calls: string[]; problems: string[] }> {
    const bot = this.#survivors.pop() ?? this.#process()
    story.follow(bot)
    try {
      await bot.untilDeath(bot.call('start', this.#options(store)))
      await story.tell(bot)
      const outcome = { problems: await this.#problems(story, bot), calls: await bot.call('calls', undefined) }
      await bot.untilDeath(bot.call('stop', undefined))
      bot.forget()
      this.#survivors.push(bot)
      return outcome
    } catch (error) {
      bot.kill()
      throw error
    }
  }

  /** What is still wrong when everything has come to rest. */
  async #problems(story: Story, bot: BotProcess): Promise<string[]> {
    const deadline = Date.now() + PATIENCE_MS
    for (;;) {
      await this.#simulator.idle()
      const problems = problemsOf(story, await bot.call('inventory', undefined))
      const reused = this.#watch.reusedBy(story.cast.account.number)
      if (problems.length === 0 || Date.now() > deadline) return [...problems, ...reused]
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  #options(store: StoreChoice) {
    const { url, rootPublicKey } = this.#simulator
    return { store, webSocketUrl: url, certPublicKey: rootPublicKey.toString('hex') }
  }

  #process(): BotProcess {
    this.#standby.push(new BotProcess(this.#file))
    if (this.#standby.length < 3) this.#standby.push(new BotProcess(this.#file))
    return this.#standby.shift()!
  }

  async #newStore(name: string): Promise<StoreChoice> {
    if (this.#stores.kind !== 'mongo') return { kind: this.#stores.kind, folder: join(this.#folder, name) }
    return { ...this.#stores, databaseName: `crash-${randomUUID()}` }
  }

  async #removeStore(store: StoreChoice): Promise<void> {
    if (store.kind !== 'mongo') return rm(store.folder, { recursive: true, force: true })
    const client = new MongoClient(store.uri)
    await client.db(store.databaseName).dropDatabase()
    await client.close()
  }
}

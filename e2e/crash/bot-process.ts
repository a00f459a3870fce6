import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Word } from './bot/bot.js'
import type { Line, Orders } from './bot/bot-child.js'
import { PATIENCE_MS } from './eventually.js'

/** The process ended, as it was meant to: whatever was waited for does not come. */
export class BotDied extends Error {
  constructor() {
    super('The bot has died')
  }
}

type Answer = { resolve(value: unknown): void; reject(error: Error): void }

/** A bot in a process of its own. */
export class BotProcess {
  readonly words: Word[] = []
  /** Resolves when the process is gone and everything it said was heard. */
  readonly ended: Promise<void>
  readonly #child: ChildProcess
  readonly #answers = new Map<number, Answer>()
  readonly #listeners = new Set<(word: Word) => void>()
  #lastId = 0
  #gone = false

  constructor(file: string) {
    this.#child = fork(file, { execArgv: [], stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
    const output = createInterface(this.#child.stdout!)
    output.on('line', (line) => this.#hear(JSON.parse(line) as Line))
    this.ended = Promise.all([once(this.#child, 'exit'), once(output, 'close')]).then(() => {
      this.#gone = true
      for (const { reject } of this.#answers.values()) reject(new BotDied())
    })
  }

  /** Rejects with `BotDied` when the process ends first, or with the error of the bot. */
  call<Name extends keyof Orders>(
    name: Name,
    argument: Parameters<Orders[Name]>[0],
  ): Promise<Awaited<ReturnType<Orders[Name]>>> {
    this.#lastId += 1
    const id = this.#lastId
    return new Promise((resolve, reject) => {
      if (this.#gone) return reject(new BotDied())
      this.#answers.set(id, { resolve: resolve as Answer['resolve'], reject })
      // A child that is dead already takes nothing; its end is told by `ended`.
      this.#child.send({ id, name, argument }, () => undefined)
    })
  }

  /** Before another bot is started in the process. */
  forget(): void {
    this.words.length = 0
    this.#listeners.clear()
  }

  listen(listener: (word: Word) => void): void {
    this.#listeners.add(listener)
  }

  /** The first word that fits, past or to come. Rejects with `BotDied` when the process ends first. */
  async said(fits: (word: Word) => boolean): Promise<Word> {
    const past = this.words.find(fits)
    if (past) return past
    return this.untilDeath(
      new Promise<Word>((resolve) => {
        const listener = (word: Word) => {
          if (!fits(word)) return
          this.#listeners.delete(listener)
          resolve(word)
        }
        this.#listeners.add(listener)
      }),
    )
  }

  /** Every word from the first on, until the process ends. */
  async *conversation(): AsyncGenerator<Word> {
    for (let index = 0; ; index += 1) {
      if (index === this.words.length && !(await this.#another())) return
      yield this.words[index]!
    }
  }

  /** The promise, or `BotDied` if that comes first, or an error when neither does in time. */
  async untilDeath<Result>(promise: Promise<Result>): Promise<Result> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error(`Waited in vain; the bot said ${JSON.stringify(this.words).slice(-1_500)}`)),
        PATIENCE_MS,
      )
    })
    const died = this.ended.then(() => {
      throw new BotDied()
    })
    return Promise.race([promise, died, late]).finally(() => clearTimeout(timer))
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  async end(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect()
    await this.ended
  }

  /** Whether there is another word, once there is, or none, once the process has ended. */
  #another(): Promise<boolean> {
    return new Promise((resolve) => {
      const listener = () => {
        this.#listeners.delete(listener)
        resolve(true)
      }
      this.#listeners.add(listener)
      void this.ended.then(() => resolve(false))
    })
  }

  #hear(line: Line): void {
    if (line.kind === 'word') {
      this.words.push(line.word)
      for (const listener of [...this.#listeners]) listener(line.word)
      return
    }
    const answer = this.#answers.get(line.id)
    this.#answers.delete(line.id)
    if (line.kind === 'answer') answer?.resolve(line.value)
    else answer?.reject(new Error(line.message))
  }
}

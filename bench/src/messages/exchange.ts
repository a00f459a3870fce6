import { setTimeout as sleep } from 'node:timers/promises'
import { cpuMs } from '../end-to-end/measure.js'
import { ABOUT_KINDS, type AboutKind, type Kind, type MessagesSide, type NewKind, type Received } from './side.js'

export interface Measured {
  cpuMsEach: number
  wallMsEach: number
}

const LOST_AFTER_MS = 30_000
/** Receipts and what else follows a message belong to its cost. */
const AFTERMATH_MS = 300

/** Writes one message after the other in each conversation, and measures the process meanwhile. */
export class Exchange {
  readonly #side: MessagesSide
  readonly #waiting = new Map<string, (id: string) => void>()

  constructor(side: MessagesSide) {
    this.#side = side
  }

  received({ account, kind, id = '' }: Received): void {
    const key = `${account}|${kind}`
    const resolve = this.#waiting.get(key)
    this.#waiting.delete(key)
    resolve?.(id)
  }

  /** Of pairs of accounts: each side of a pair says it `count` times, in turn. */
  async talk(kind: Kind, pairs: readonly [string, string][], count: number): Promise<Measured> {
    const subjects = await Promise.all(pairs.map((pair) => this.#subjects(kind, pair, count)))
    return measured(count * 2 * pairs.length, async () => {
      await Promise.all(pairs.map((pair, index) => this.#conversation(kind, pair, subjects[index] ?? [])))
    })
  }

  /** Of texts to a group; each is over when all other members that are here have it. */
  async group({ group, members, count }: { group: string; members: string[]; count: number }): Promise<Measured> {
    return measured(count, async () => {
      for (let turn = 0; turn < count; turn += 1) {
        const sender = members[turn % members.length] ?? ''
        const readers = members.filter((member) => member !== sender)
        const read = readers.map((reader) => this.#next(reader, 'text'))
        await this.#side.send(sender, group, 'text')
        await Promise.all(read)
      }
    })
  }

  /** The messages that something is said about: two in each turn, one of either account. */
  async #subjects(kind: Kind, pair: readonly [string, string], count: number): Promise<string[]> {
    const ids: string[] = []
    if (kind !== 'reply' && !isAbout(kind)) return Array.from({ length: count * 2 }, () => '')
    for (let turn = 0; turn < count * 2; turn += 1) {
      const [writer, reader] = inTurn(pair, turn)
      // A reaction, a reply and a download are of what the other one wrote.
      const isOwn = kind === 'edit' || kind === 'deletion'
      ids.push(await this.#say(kind === 'download' ? 'image' : 'text', isOwn ? [writer, reader] : [reader, writer]))
    }
    return ids
  }

  async #conversation(kind: Kind, pair: readonly [string, string], subjects: readonly string[]): Promise<void> {
    for (const [turn, about] of subjects.entries()) {
      const [writer, reader] = inTurn(pair, turn)
      if (kind === 'download') await this.#side.download(writer, about)
      else if (!isAbout(kind)) await this.#say(kind, [writer, reader], about || undefined)
      else {
        const read = this.#next(reader, kind)
        await this.#side.change(writer, reader, kind, about)
        await read
      }
    }
  }

  async #say(kind: NewKind, [writer, reader]: readonly [string, string], about?: string): Promise<string> {
    const read = this.#next(reader, kind)
    const id = await this.#side.send(writer, reader, kind, about)
    await read
    return id
  }

  #next(account: string, kind: Kind): Promise<string> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`No ${kind} came to ${account}`)), LOST_AFTER_MS)
      this.#waiting.set(`${account}|${kind}`, (id) => {
        clearTimeout(late)
        resolve(id)
      })
    })
  }
}

async function measured(count: number, work: () => Promise<void>): Promise<Measured> {
  const [before, startedAt] = [cpuMs(), performance.now()]
  await work()
  const wallMsEach = (performance.now() - startedAt) / count
  await sleep(AFTERMATH_MS)
  return { cpuMsEach: (cpuMs() - before) / count, wallMsEach }
}

function isAbout(kind: Kind): kind is AboutKind {
  return ABOUT_KINDS.some((about) => about === kind)
}

function inTurn([one, other]: readonly [string, string], turn: number): [string, string] {
  return turn % 2 === 0 ? [one, other] : [other, one]
}

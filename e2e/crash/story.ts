import type { HistoryChat, Phone, Simulator } from '@trunkline/simulator'
import type { Word } from './bot/bot.js'
import type { BotProcess } from './bot-process.js'
import { PATIENCE_MS } from './eventually.js'

/** Who takes part, fresh for every story. */
export interface Cast {
  /** The phone that the bot is linked to. */
  account: Phone
  customer: Phone
  stranger: Phone
  /** All three are in it. */
  group: string
}

type Place = 'customer' | 'stranger' | 'group'

/** What others write, all at once, and then the bot to each of them. */
interface Turn {
  before?(cast: Cast): Promise<void>
  asks: { by: 'customer' | 'stranger'; in: 'chat' | 'group'; text: string }[]
  answers: { to: Place; text: string }[]
}

const ask = (text: string) => ({ by: 'customer', in: 'chat', text }) as const
const answer = (text: string) => ({ to: 'customer', text: `re: ${text}` }) as const

/** First contact both ways, ratchet steps, a burst, a group, a session renewed by a new phone. */
const TURNS: Turn[] = [
  { asks: [ask('first contact')], answers: [answer('first contact')] },
  { asks: [ask('a ratchet step')], answers: [answer('a ratchet step')] },
  { asks: ['one', 'two', 'three'].map(ask), answers: ['one', 'two', 'three'].map(answer) },
  { asks: [{ by: 'customer', in: 'group', text: 'to all' }], answers: [{ to: 'group', text: 're: to all' }] },
  {
    before: ({ customer }) => customer.reinstall(),
    asks: [ask('from a new phone')],
    answers: [answer('from a new phone')],
  },
  { asks: [], answers: [{ to: 'stranger', text: 'to a stranger' }] },
  { asks: [{ by: 'stranger', in: 'chat', text: 'from a stranger' }], answers: [] },
]

export const ASKED = TURNS.flatMap(({ asks }) => asks.map(({ text }) => text))
export const ANSWERED = TURNS.flatMap(({ answers }) => answers)

/** What the phone gives to a newly linked device. */
export const HISTORY_TEXTS = ['long ago', 'long ago, answered', 'of a stranger']

function historyWith(customer: string, stranger: string): HistoryChat[] {
  return [
    {
      with: customer,
      name: 'Customer',
      messages: [
        { text: 'long ago', at: '2026-01-01T10:00:00Z' },
        { text: 'long ago, answered', fromMe: true, at: '2026-01-01T10:01:00Z' },
      ],
    },
    { with: stranger, name: 'Stranger', messages: [{ text: 'of a stranger', at: '2026-01-02T10:00:00Z' }] },
  ]
}

export async function castOf(simulator: Simulator, firstNumber: number): Promise<Cast> {
  const [number, customerNumber, strangerNumber] = [0, 1, 2].map((step) => String(firstNumber + step)) as [
    string,
    string,
    string,
  ]
  const customer = await simulator.createPhone({ number: customerNumber, name: 'Customer' })
  const stranger = await simulator.createPhone({ number: strangerNumber, name: 'Stranger' })
  const history = historyWith(customerNumber, strangerNumber)
  const account = await simulator.createPhone({ number, name: 'Bot', history })
  const participants = [number, strangerNumber]
  const { jid } = await simulator.createGroup({ subject: 'All', creator: customerNumber, participants })
  return { account, customer, stranger, group: jid }
}

/** The same story over the lives of a bot: what was done in one life is not done again in the next. */
export class Story {
  readonly cast: Cast
  /** Everything that any life said. */
  readonly words: Word[] = []
  /** Texts of the bot whose sending was acknowledged to the application. */
  readonly acknowledged = new Set<string>()
  /** What went wrong while it was told. */
  readonly problems: string[] = []
  /** Scans that ended in no link: the bot may have signed it, and have kept credentials that nobody knows. */
  lostLinks = 0
  readonly #done = new Set<string>()

  constructor(cast: Cast) {
    this.cast = cast
  }

  /** Takes down what the bot of the next life says. */
  follow(bot: BotProcess): void {
    bot.listen((word) => this.words.push(word))
  }

  /** Tells as much as one life lasts for. Rejects with `BotDied` when it ends. */
  async tell(bot: BotProcess): Promise<void> {
    await this.#link(bot)
    for (const turn of TURNS) {
      await this.#ask(turn)
      for (const { text } of turn.asks) await this.#heard(bot, text)
      await Promise.all(turn.answers.map((each) => this.#answer(bot, each)))
    }
  }

  async #link(bot: BotProcess): Promise<void> {
    const { account } = this.cast
    const first = await bot.said((word) => word.word === 'qr' || isConnected(word))
    if (first.word === 'qr') {
      if (account.devices.length > 0) this.problems.push('a second QR was needed')
      // A link that comes to nothing because the bot has died is told by its death.
      const scanned = account.scanQr(first.qr).catch(() => {
        this.lostLinks += 1
        return bot.ended
      })
      await bot.untilDeath(scanned)
    }
    await bot.said(isConnected)
  }

  async #ask({ before, asks }: Turn): Promise<void> {
    const { cast } = this
    if (before && this.#isNew(`before ${asks[0]?.text}`)) await before(cast)
    for (const { by, in: place, text } of asks) {
      if (!this.#isNew(text)) continue
      await cast[by].sendText(place === 'group' ? cast.group : cast.account.number, text)
    }
  }

  #isNew(deed: string): boolean {
    if (this.#done.has(deed)) return false
    this.#done.add(deed)
    return true
  }

  async #heard(bot: BotProcess, text: string): Promise<void> {
    const fits = (word: Word) => word.word === 'message' && word.text === text
    if (!this.words.some(fits)) await bot.said(fits)
  }

  /** Sent again in the next life by the same id: it is the same message. */
  async #answer(bot: BotProcess, { to, text }: Turn['answers'][number]): Promise<void> {
    const { cast } = this
    const address = to === 'group' ? cast.group : cast[to].number
    const { status } = await bot.untilDeath(bot.call('send', { to: address, text, clientMessageId: text }))
    if (status === 'unknown' || status === 'pending') return
    this.acknowledged.add(text)
    const receiver = to === 'group' ? cast.customer : cast[to]
    await bot.untilDeath(receiver.waitForMessage(text, { timeoutMs: PATIENCE_MS }))
  }
}

const isConnected = (word: Word) => word.word === 'status' && word.status === 'connected'

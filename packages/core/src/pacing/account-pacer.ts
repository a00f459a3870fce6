import type { Clock } from '../ports/clock.js'
import type { Store } from '../ports/store.js'
import type { SendRestriction } from '../types/queue.js'
import { usageOf } from './history.js'
import { budgetOf, limitsOf, type PacingLimits } from './limits.js'
import type { Admission, PacedOutcome, PacedSend, Pacer } from './pacer.js'
import { waitFor } from './policy.js'
import { afterSignal, inForce, isForgiven, type LimitSignal, signalOfRefusal } from './restrictions.js'
import { readHistory, type SentHistory } from './sent-history.js'
import { typingTime } from './typing-time.js'

/** Where the restrictions of sessions are kept: with what their owner reports. */
export interface RestrictionKeeper {
  of(sessionId: string): readonly SendRestriction[]
  /** Resolves when it is stored and told. Never rejects. */
  change(sessionId: string, restrictions: SendRestriction[]): Promise<void>
  /** When the account was linked (ISO 8601). */
  linkedAt(sessionId: string): string | undefined
}

export interface AccountPacerParts {
  store: Pick<Store, 'messages'>
  clock: Clock
  restrictions: RestrictionKeeper
}

/** What is known of the sending of one session. */
interface Known {
  /** Read when it is needed first. */
  history?: Promise<SentHistory>
  /** Messages that were admitted, and so counted, and whose outcome is not known yet, by chat. */
  readonly admitted: Map<string, number>
  /** How often WhatsApp said that it is too much, one soon after the other. */
  refusals: number
  lastRefusalAt: number
  /** When WhatsApp said last that the account is not locked. */
  notLockedAt: number
}

/** Paces each session by what it has sent of late, by its settings, and by what WhatsApp has told of its limits. */
export class AccountPacer implements Pacer {
  readonly #parts: AccountPacerParts
  readonly #known = new Map<string, Known>()

  constructor(parts: AccountPacerParts) {
    this.#parts = parts
  }

  async admit(send: PacedSend): Promise<Admission> {
    const { clock, restrictions: keeper } = this.#parts
    const { sessionId, chatId, priority } = send
    const known = this.#of(sessionId)
    const limits = this.#limitsOf(send)
    const history = isUnlimited(limits) && !known.history ? undefined : await this.#historyOf(sessionId)
    const isNewConversation = needsNewness(limits, keeper.of(sessionId)) && (await send.isNewConversation())
    // From here on nothing is waited for: of those asked for beside each other each is counted before the next is looked at.
    const now = clock.now()
    const last = history?.lastOfChat.get(chatId)
    const jitter = chance(`${sessionId} ${chatId} ${last ?? ''}`)
    const state = { limits, history: history ?? NOTHING, restrictions: inForce(keeper.of(sessionId), now), now }
    const wait = waitFor({ chatId, priority, isNewConversation, jitter }, state)
    if (wait) return wait
    history?.count({ chatId, at: now, isNew: isNewConversation })
    known.admitted.set(chatId, (known.admitted.get(chatId) ?? 0) + 1)
    const isTyped = send.typing ?? limits.typing
    return { kind: 'go', ...(isTyped ? { typingMs: typingTime(send.textLength, chance(`${chatId} ${now}`)) } : {}) }
  }

  async settled({ sessionId, chatId }: Omit<PacedSend, 'isNewConversation'>, outcome: PacedOutcome): Promise<void> {
    const known = this.#of(sessionId)
    const admitted = known.admitted.get(chatId) ?? 0
    if (admitted > 1) known.admitted.set(chatId, admitted - 1)
    else known.admitted.delete(chatId)
    const now = this.#parts.clock.now()
    // What nobody has asked for was not counted yet; what is not read yet is read with it.
    if (admitted === 0 && known.history && outcome.kind === 'sent')
      (await known.history.catch(() => undefined))?.count({ chatId, at: now, isNew: false })
    if (outcome.kind === 'refused') await this.#refused(sessionId, outcome.code, now)
  }

  async told(sessionId: string, signal: LimitSignal): Promise<void> {
    const { restrictions, clock } = this.#parts
    if (signal.code === 'REACHOUT_TIMELOCK' && !signal.active) this.#of(sessionId).notLockedAt = clock.now()
    const before = restrictions.of(sessionId)
    const after = afterSignal(before, signal, clock.now())
    if (JSON.stringify(before) !== JSON.stringify(after)) await restrictions.change(sessionId, after)
  }

  async report(session: Pick<PacedSend, 'sessionId' | 'settings'>) {
    const { sessionId } = session
    const now = this.#parts.clock.now()
    const history = await this.#historyOf(sessionId)
    return {
      used: usageOf(history, now),
      limits: budgetOf(this.#limitsOf(session)),
      restrictions: inForce(this.#parts.restrictions.of(sessionId), now),
    }
  }

  forget(sessionId: string): void {
    this.#known.delete(sessionId)
  }

  async #refused(sessionId: string, code: string, now: number): Promise<void> {
    const known = this.#of(sessionId)
    if (code === '429') {
      known.refusals = isForgiven(known.lastRefusalAt, now) ? 1 : known.refusals + 1
      known.lastRefusalAt = now
    }
    // WhatsApp is asked after each 463 whether there is a lock, and its answer may be here before the refusal is stored.
    if (code === '463' && now - known.notLockedAt < ANSWER_MS) return
    const restrictions = this.#parts.restrictions.of(sessionId)
    const signal = signalOfRefusal(code, { restrictions, refusals: known.refusals, now })
    if (signal) await this.told(sessionId, signal)
  }

  #limitsOf({ sessionId, settings }: Pick<PacedSend, 'sessionId' | 'settings'>): PacingLimits {
    const linkedAt = this.#parts.restrictions.linkedAt(sessionId)
    const now = this.#parts.clock.now()
    return limitsOf(settings.pacing, { now, linkedAt: linkedAt === undefined ? undefined : Date.parse(linkedAt) })
  }

  #of(sessionId: string): Known {
    const known = this.#known.get(sessionId) ?? {
      admitted: new Map(),
      refusals: 0,
      lastRefusalAt: Number.NEGATIVE_INFINITY,
      notLockedAt: Number.NEGATIVE_INFINITY,
    }
    this.#known.set(sessionId, known)
    return known
  }

  #historyOf(sessionId: string): Promise<SentHistory> {
    const known = this.#of(sessionId)
    known.history ??= readHistory(this.#parts.store.messages, sessionId, this.#parts.clock.now()).catch(
      (error: unknown) => {
        delete known.history
        throw error
      },
    )
    return known.history
  }
}

/** So long an answer of WhatsApp may be ahead of what it was asked for. */
const ANSWER_MS = 10_000
const NOTHING = { sent: [], newChats: [], lastOfChat: new Map<string, number>() }

function isUnlimited({ perMinute, perHour, perDay, newChatsPerDay, chatGapMs }: PacingLimits): boolean {
  return [perMinute, perHour, perDay, newChatsPerDay].every((max) => !Number.isFinite(max)) && chatGapMs[1] === 0
}

/** Whether it makes a difference if a conversation is new: only then the store is asked. */
function needsNewness({ newChatsPerDay }: PacingLimits, restrictions: readonly SendRestriction[]): boolean {
  return Number.isFinite(newChatsPerDay) || restrictions.some(({ code }) => code !== 'RATE_LIMITED')
}

/** A number from 0 to 1 that is always the same for a text (FNV-1a): asked about again, a message waits until the same moment. */
function chance(text: string): number {
  let hash = 0x811c9dc5
  for (let place = 0; place < text.length; place += 1) {
    hash ^= text.charCodeAt(place)
    hash = Math.imul(hash, 0x01000193)
  }
  hash ^= hash >>> 15
  return ((hash >>> 0) % 10_007) / 10_007
}

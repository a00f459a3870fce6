import { inForce } from '../pacing/restrictions.js'
import type { NewEvent } from '../ports/event-log.js'
import type { SendRestriction } from '../types/queue.js'
import type { EventHandlers } from './event-dispatch.js'
import type { SessionPublisher } from './publisher.js'
import type { SessionServices } from './services.js'
import type { SessionState } from './session-state.js'

export interface SendLimitsParts {
  state: SessionState
  services: SessionServices
  publisher: SessionPublisher
}

/** What WhatsApp has told of its limits: kept with what the owner of the session reports, told as events, over when its time has come. */
export class SendLimits {
  readonly #parts: SendLimitsParts
  #cancel: (() => void) | undefined

  constructor(parts: SendLimitsParts) {
    this.#parts = parts
  }

  get handlers(): Pick<EventHandlers, 'limit'> {
    return {
      limit: async ({ type: _type, ...signal }) => this.#parts.services.pacer?.told(this.#parts.state.id, signal),
    }
  }

  get restrictions(): readonly SendRestriction[] {
    return this.#parts.state.record.restrictions ?? []
  }

  /** The session is had here: what is known of its sending may be older than what another node did. */
  begin(): void {
    const { services, state } = this.#parts
    services.pacer?.forget(state.id)
    this.#watch()
  }

  end(): void {
    this.#cancel?.()
  }

  /** Never rejects: what cannot be stored is with the next change. */
  async change(after: SendRestriction[]): Promise<void> {
    const { state, publisher, services } = this.#parts
    const before = this.restrictions
    await state.patch({ restrictions: after.length > 0 ? after : null })
    this.#watch()
    const at = state.timestamp()
    const told = (restriction: SendRestriction, active: boolean): NewEvent => ({
      name: 'session.limited',
      at,
      payload: { restriction, active },
    })
    const over = before.filter((one) => !after.some(({ code }) => code === one.code))
    const begun = after.filter((one) => !before.some(({ code, until }) => code === one.code && until === one.until))
    try {
      await publisher.publish([...over.map((one) => told(one, false)), ...begun.map((one) => told(one, true))])
    } catch (error) {
      services.logger.warn({ err: error, sessionId: state.id }, 'A limit of WhatsApp could not be told')
    }
  }

  /** Until the first of them is over. */
  #watch(): void {
    const { clock } = this.#parts.services
    this.#cancel?.()
    const ends = this.restrictions.flatMap(({ until }) => (until === undefined ? [] : [Date.parse(until)]))
    if (ends.length === 0) return
    const ms = Math.min(LONGEST_TIMER_MS, Math.max(1, Math.min(...ends) - clock.now()))
    this.#cancel = clock.setTimeout(() => {
      const left = inForce(this.restrictions, clock.now())
      if (left.length < this.restrictions.length) void this.change(left)
      else this.#watch()
    }, ms)
  }
}

/** More than this a timer of Node.js does not take. */
const LONGEST_TIMER_MS = 24 * 60 * 60_000

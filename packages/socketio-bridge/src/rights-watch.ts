import { mayListen, type Principal } from '@trunkline/api'
import type { Logger } from '@trunkline/core'
import { sameRights } from './admission.js'
import type { Member } from './member.js'

export interface RightsWatchOptions {
  members(): Iterable<Member>
  /** How often at most. */
  intervalMs: number
  logger?: Pick<Logger, 'warn'>
  /** The proof is none any more, or somebody else's. */
  onLost(member: Member): void
  /** The member's principal is the new one already. */
  onChanged(member: Member): void
}

/** How many authenticators are asked at a time. */
const WIDTH = 8
const ANSWER_TIMEOUT_MS = 10_000
/** So that to ask about all of them costs little, however many there are: 200 in a second. */
const INTERVAL_MS_PER_MEMBER = 5

/**
 * Asks again and again who each socket belongs to: users are disabled and sessions taken away while sockets are open. When
 * nobody can tell, as while the store is away, a socket keeps what it has.
 */
export class RightsWatch {
  readonly #options: RightsWatchOptions
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(options: RightsWatchOptions) {
    this.#options = options
    this.#schedule()
  }

  /** Asks about everybody who is there now, or about one user. Never rejects. */
  async sweep({ userId }: { userId?: string } = {}): Promise<void> {
    const members = [...this.#options.members()]
    const rest = members.filter(({ principal }) => userId === undefined || principal.userId === userId).values()
    let doubtful = 0
    let reason: unknown
    const work = async () => {
      for (const member of rest) {
        if (this.#stopped || member.signal.aborted) continue
        try {
          this.#judge(member, await withinTime(member.ask()))
        } catch (error) {
          doubtful += 1
          reason = error
        }
      }
    }
    await Promise.all(Array.from({ length: WIDTH }, work))
    if (doubtful > 0) {
      this.#options.logger?.warn(
        { err: reason, sockets: doubtful },
        'Nobody could tell whether sockets still have rights',
      )
    }
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  #judge(member: Member, principal: Principal | undefined): void {
    const before = member.principal
    if (this.#stopped || member.signal.aborted) return
    if (!principal || principal.userId !== before.userId || !mayListen(principal)) {
      this.#options.onLost(member)
      return
    }
    if (sameRights(before, principal)) return
    member.principal = principal
    this.#options.onChanged(member)
  }

  #schedule(): void {
    if (this.#stopped) return
    const { members, intervalMs } = this.#options
    const delayMs = Math.max(intervalMs, [...members()].length * INTERVAL_MS_PER_MEMBER)
    this.#timer = setTimeout(() => void this.sweep().finally(() => this.#schedule()), delayMs)
    this.#timer.unref()
  }
}

function withinTime<Value>(promise: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The authenticator does not answer')), ANSWER_TIMEOUT_MS)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

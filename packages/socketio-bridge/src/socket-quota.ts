import { TrunklineError } from '@trunkline/core'
import type { Socket } from 'socket.io'

/** How many sockets each user has, counted from the handshake on: those that come at the same time cannot all pass. */
export class SocketQuota {
  readonly #counts = new Map<string, number>()
  readonly #maxPerUser: number

  constructor(options: { maxPerUser: number }) {
    this.#maxPerUser = options.maxPerUser
  }

  /**
   * A place for the socket until it or its connection ends.
   *
   * @throws RATE_LIMITED when the user has none left
   */
  take(userId: string, socket: Socket): void {
    const count = this.#counts.get(userId) ?? 0
    if (count >= this.#maxPerUser) throw new TrunklineError('RATE_LIMITED', { details: { retryAfterSeconds: 60 } })
    this.#counts.set(userId, count + 1)
    const release = () => {
      socket.off('disconnect', release)
      socket.conn.off('close', release)
      const left = (this.#counts.get(userId) ?? 1) - 1
      if (left > 0) this.#counts.set(userId, left)
      else this.#counts.delete(userId)
    }
    socket.once('disconnect', release)
    socket.conn.once('close', release)
  }
}

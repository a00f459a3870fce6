import { TrunklineError } from '@trunkline/core'
import type { Socket } from 'socket.io'

export interface QuotaLimits {
  max: number
  maxPerAddress: number
  maxPerUser: number
}

/** How many sockets there are, counted from the handshake on: those that come at the same time cannot all pass. */
export class SocketQuota {
  readonly #counts = new Map<string, number>()
  readonly #limits: QuotaLimits

  constructor(limits: QuotaLimits) {
    this.#limits = limits
  }

  /**
   * A place for a socket of whom nothing is known but where it comes from, until it or its connection ends.
   *
   * @throws RATE_LIMITED when there is none left, for anybody or for this address
   */
  takeAny(socket: Socket): void {
    this.#take('all', this.#limits.max, socket)
    this.#take(`address|${socket.handshake.address}`, this.#limits.maxPerAddress, socket)
  }

  /**
   * A place for a socket of the user.
   *
   * @throws RATE_LIMITED when the user has none left
   */
  takeOf(userId: string, socket: Socket): void {
    this.#take(`user|${userId}`, this.#limits.maxPerUser, socket)
  }

  #take(whose: string, max: number, socket: Socket): void {
    const count = this.#counts.get(whose) ?? 0
    if (count >= max) throw new TrunklineError('RATE_LIMITED', { details: { retryAfterSeconds: 60 } })
    this.#counts.set(whose, count + 1)
    const release = () => {
      socket.off('disconnect', release)
      socket.conn.off('close', release)
      const left = (this.#counts.get(whose) ?? 1) - 1
      if (left > 0) this.#counts.set(whose, left)
      else this.#counts.delete(whose)
    }
    socket.once('disconnect', release)
    socket.conn.once('close', release)
  }
}

/** Room for the messages of one ownership; one that has more only comes between those of a later one in the same second. */
const ORDERS_OF_ONE_EPOCH = 2 ** 28

/**
 * The `order` of messages. It begins with the epoch of the session's lease, which rises with every owner: whoever stores a
 * message later gives it a higher number, also after a restart and on another node, whatever the clocks there say.
 */
export class ArrivalOrder {
  #first = 0
  #arrived = 0
  #earlier = 0

  /** A new owner begins. */
  begin(epoch: number): void {
    this.#first = epoch * ORDERS_OF_ONE_EPOCH
    this.#arrived = 0
    this.#earlier = 0
  }

  /** For a message that comes after everything that was stored. */
  next(): number {
    this.#arrived += 1
    return this.#first + this.#arrived
  }

  /** For messages of a history, oldest first, which come before everything that was stored: parts come the newest first. */
  before(count: number): number[] {
    this.#earlier += count
    const first = -this.#first - this.#earlier
    return Array.from({ length: count }, (_, place) => first + place)
  }
}

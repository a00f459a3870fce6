import type { UserFacingSocketConfig } from '@whiskeysockets/baileys'

type MakeSignalRepository = NonNullable<UserFacingSocketConfig['makeSignalRepository']>

/**
 * Decrypted messages that wait to be stored. Each lies in the journal meanwhile, which forgets the oldest when it is full: a
 * crash would lose what the server was told had arrived. So nothing more is decrypted while as many wait as are given here.
 */
export class Backlog {
  readonly #max: number
  #waiting: Array<() => void> = []
  #size = 0
  #isOpen = false

  constructor(max: number) {
    this.#max = max
  }

  enter(count: number): void {
    this.#size += count
  }

  leave(count: number): void {
    this.#size -= count
    if (this.#size < this.#max) this.#letIn()
  }

  /** Nobody waits from now on: there is nothing behind it any more that stores. */
  open(): void {
    this.#isOpen = true
    this.#letIn()
  }

  /** The repository, which decrypts while there is room. It waits before it takes a lock. */
  paced(make: MakeSignalRepository): MakeSignalRepository {
    return (...args) => {
      const repository = make(...args)
      const decryptMessage = repository.decryptMessage.bind(repository)
      const decryptGroupMessage = repository.decryptGroupMessage.bind(repository)
      repository.decryptMessage = async (message) => {
        await this.room()
        return decryptMessage(message)
      }
      repository.decryptGroupMessage = async (message) => {
        await this.room()
        return decryptGroupMessage(message)
      }
      return repository
    }
  }

  async room(): Promise<void> {
    while (this.#size >= this.#max && !this.#isOpen) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  #letIn(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const proceed of waiting) proceed()
  }
}

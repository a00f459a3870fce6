import type { BusAnswer } from '@trunkline/core/store'
import type { IpcChannel } from './ipc-channel.js'
import { type BusMessage, fits, type Part } from './ipc-messages.js'

/** What a worker that stands still may leave untaken. What it is not told beyond that it finds in the log. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024

interface Member {
  name: string
  channel: IpcChannel
  topics: Record<Part, Set<string>>
  /** What it was asked and has not answered. */
  questions: Map<string, { asker: string; id: number }>
}

/** Brings what workers say to each other from one to the other. It is in the primary, and knows nothing of what is said. */
export class IpcHub {
  readonly #members = new Map<string, Member>()

  /** A worker, until the answer is called: it has ended by then. */
  add(name: string, channel: IpcChannel): () => void {
    const member: Member = {
      name,
      channel,
      topics: { answerer: new Set(), listener: new Set() },
      questions: new Map(),
    }
    this.#members.set(name, member)
    const stop = channel.onMessage((message) => this.#hear(member, message as BusMessage))
    return () => {
      stop()
      this.#members.delete(name)
      this.#forget(member)
    }
  }

  #hear(from: Member, message: BusMessage): void {
    switch (message.kind) {
      case 'join':
        from.topics[message.as].add(message.topic)
        from.channel.send({ kind: 'known', id: message.id })
        break
      case 'leave':
        from.topics[message.as].delete(message.topic)
        from.channel.send({ kind: 'known', id: message.id })
        break
      case 'ask':
        this.#ask(from, message)
        break
      case 'reply':
        from.questions.delete(keyOf(message))
        if (message.answer) this.#answered(message, message.answer)
        break
      case 'tell':
        this.#tell(from, message)
        break
      case 'quit':
        this.#forget(from)
    }
  }

  #ask(from: Member, { id, topic, data }: Extract<BusMessage, { kind: 'ask' }>): void {
    const asked = { asker: from.name, id }
    const answerer = this.#others(from).find(({ topics }) => topics.answerer.has(topic))
    if (answerer && !isFull(answerer)) {
      answerer.questions.set(keyOf(asked), asked)
      answerer.channel.send({ kind: 'question', ...asked, topic, data })
    } else this.#answered(asked, { kind: 'nobody' })
  }

  #answered({ asker, id }: { asker: string; id: number }, answer: BusAnswer): void {
    this.#members.get(asker)?.channel.send({ kind: 'answered', id, answer })
  }

  #tell(from: Member, message: Extract<BusMessage, { kind: 'tell' }>): void {
    for (const other of this.#others(from)) {
      const listens = [...other.topics.listener].some((pattern) => fits(pattern, message.topic))
      if (listens && !isFull(other)) other.channel.send(message)
    }
  }

  /** Nothing is answered there any more; of what it was asked nobody knows whether it was done. */
  #forget(member: Member): void {
    member.topics.answerer.clear()
    member.topics.listener.clear()
    for (const asked of member.questions.values()) this.#answered(asked, { kind: 'timeout' })
    member.questions.clear()
  }

  #others(from: Member): Member[] {
    return [...this.#members.values()].filter((member) => member !== from)
  }
}

function keyOf({ asker, id }: { asker: string; id: number }): string {
  return `${asker} ${id}`
}

function isFull({ channel }: Member): boolean {
  return channel.waitingBytes > MAX_WAITING_BYTES
}

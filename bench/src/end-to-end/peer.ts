/** A process at the other end of an IPC channel: `process` in a child, the child in its parent. */
interface Channel {
  send?(message: unknown): boolean
  on(event: 'message', listener: (message: unknown) => void): unknown
  on(event: 'disconnect', listener: () => void): unknown
}

type Calls = { [name: string]: (argument: never) => unknown }

type Message =
  | { kind: 'call'; id: number; name: string; argument: unknown }
  | { kind: 'answer'; id: number; value: unknown }
  | { kind: 'failure'; id: number; message: string }

/** The functions of another process. */
export interface Peer<Remote extends Calls> {
  call<Name extends keyof Remote & string>(
    name: Name,
    argument: Parameters<Remote[Name]>[0],
  ): Promise<Awaited<ReturnType<Remote[Name]>>>
}

/** Offers `local` to the other process and answers a caller of its functions. */
export function connectPeer<Remote extends Calls>(channel: Channel, local: Calls): Peer<Remote> {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let lastId = 0

  const answer = async ({ id, name, argument }: Extract<Message, { kind: 'call' }>) => {
    try {
      const called = local[name]
      if (!called) throw new Error(`There is no ${name} here`)
      channel.send?.({ kind: 'answer', id, value: await called(argument as never) })
    } catch (error) {
      channel.send?.({ kind: 'failure', id, message: error instanceof Error ? (error.stack ?? '') : String(error) })
    }
  }

  channel.on('message', (received) => {
    const message = received as Message
    if (message.kind === 'call') return void answer(message)
    const caller = waiting.get(message.id)
    waiting.delete(message.id)
    if (message.kind === 'answer') caller?.resolve(message.value)
    else caller?.reject(new Error(message.message))
  })
  channel.on('disconnect', () => {
    for (const { reject } of waiting.values()) reject(new Error('The other process has ended'))
    waiting.clear()
  })

  return {
    call(name, argument) {
      lastId += 1
      const id = lastId
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve: resolve as (value: unknown) => void, reject })
        channel.send?.({ kind: 'call', id, name, argument })
      })
    },
  }
}

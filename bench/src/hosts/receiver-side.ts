import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface Receiver {
  url: string
  /** How many requests it has answered, as far as is known. */
  count(): number
  /** Resolves when it has answered so many. */
  has(count: number): Promise<void>
  stop(): void
}

/** Starts a receiver of webhooks in a process of its own, so that what it costs is not counted. */
export async function startReceiver(): Promise<Receiver> {
  const child = fork(fileURLToPath(new URL('receiver-child.ts', import.meta.url)), { execArgv: process.execArgv })
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  let answered = 0
  child.on('message', ({ count }: { count: number }) => {
    answered = count
  })
  return {
    url: `http://127.0.0.1:${port}/`,
    count: () => answered,
    async has(count) {
      while (answered < count) await once(child, 'message')
    },
    stop: () => void child.kill(),
  }
}

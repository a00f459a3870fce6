import { setTimeout as sleep } from 'node:timers/promises'
import type { Store } from '@trunkline/core'

/**
 * The end of the process at the `call`-th call to its store, from 1. `before`: the store is slow and has not heard of the call
 * yet, while everything that does not wait for it goes on. `after`: the store has carried it out, and nobody has heard of that.
 */
export interface Death {
  call: number
  moment: 'before' | 'after'
}

const SLOW_MS = 30

/** The store with its calls counted, and the process killed at one of them. `calls` grows by the name of each. */
export function deadlyStore(store: Store, death: Death | undefined, calls: string[]): Store {
  const dies = (moment: Death['moment'], call: number) => death?.moment === moment && death.call === call
  const die = () => process.kill(process.pid, 'SIGKILL')
  const counted =
    (name: string, method: (...parameters: unknown[]) => Promise<unknown>) =>
    async (...parameters: unknown[]) => {
      const call = calls.push(name)
      if (dies('before', call)) await sleep(SLOW_MS).then(die)
      const result = await method(...parameters)
      if (dies('after', call)) die()
      return result
    }
  const { health, close, setup, ...ports } = store
  const wrapped = Object.entries(ports).map(([port, methods]) => [
    port,
    Object.fromEntries(
      Object.entries(methods).map(([name, method]) => [name, counted(`${port}.${name}`, method.bind(methods))]),
    ),
  ])
  return { ...Object.fromEntries(wrapped), setup: counted('setup', setup), health, close } as Store
}

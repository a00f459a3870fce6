import { createMemoryStore } from '@trunkline/core'
import fc from 'fast-check'
import { expect } from 'vitest'
import { carryOut, everything, type Operation, operations } from './reference/operations.js'
import { type Case, promise, registerCases, type StoreUnderTest } from './suite.js'

/** A seed that has found a mistake once stays here. */
const SEEDS = [1, 2026]
/** More of them for a longer hunt: `CONFORMANCE_RUNS=5000`. */
const RUNS_PER_SEED = Number(process.env.CONFORMANCE_RUNS ?? 25)

export const referenceCases: readonly Case<'messages' | 'chats'>[] = promise<'messages' | 'chats'>(
  'whatever happens, the same answers as the memory store',
  SEEDS.map((seed) => ({
    name: `gives them after each of many random sequences of operations (seed ${seed})`,
    timeoutMs: 60_000 + RUNS_PER_SEED * 200,
    async run({ open }) {
      const store = await open()
      let run = 0
      const play = async (sequence: Operation[]) => {
        run += 1
        const [sessionId, reference] = [`session-${run}`, createMemoryStore()]
        for (const operation of sequence) {
          const [answer, expected] = [
            await carryOut(store, sessionId, operation),
            await carryOut(reference, sessionId, operation),
          ]
          expect(comparable(answer)).toEqual(comparable(expected))
        }
        expect(comparable(await everything(store, sessionId))).toEqual(
          comparable(await everything(reference, sessionId)),
        )
      }
      await fc.assert(fc.asyncProperty(operations, play), { seed, numRuns: RUNS_PER_SEED })
    },
  })),
)

/** Without the orders that no port promises, and with bytes as text; cursors are a store's own. */
function comparable(value: unknown, field = ''): unknown {
  if (field === 'nextCursor') return typeof value
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (Array.isArray(value)) {
    const items = value.map((item) => comparable(item))
    return UNORDERED.has(field) ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, part]) => [name, comparable(part, name)]),
  )
}

const UNORDERED = new Set([
  'found',
  'changed',
  'reactions',
  'voters',
  'votes',
  'pending',
  'phones',
  'chats',
  'individual',
])

/** Random sequences of operations on messages, chats and identities, held against the reference. */
export function referenceSuite<Backend>(subject: StoreUnderTest<Backend, 'messages' | 'chats'>): void {
  registerCases('reference', referenceCases, subject)
}

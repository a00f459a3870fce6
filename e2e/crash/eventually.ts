import { setTimeout as sleep } from 'node:timers/promises'

/** Tests wait for words, answers and deaths; this is only how long they wait before they say what did not happen. */
export const PATIENCE_MS = 60_000

/** What another process must come to hold. Rejects when it does not in time. */
export async function eventually(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('It never came to be')
    await sleep(20)
  }
}

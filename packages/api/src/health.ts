import type { Readiness } from '@trunkline/contract'
import { ERRORS, type Store, TrunklineError } from '@trunkline/core'

const STORE_TIMEOUT_MS = 2000

/** Whether requests can be served: the store answers, and soon. For `/readyz`, 200 when ready and 503 when not. */
export async function readiness(store: Pick<Store, 'health'>): Promise<{ status: 200 | 503; body: Readiness }> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('timeout')), STORE_TIMEOUT_MS)
  })
  try {
    return { status: 200, body: { status: 'ready', store: await Promise.race([store.health(), timeout]) } }
  } catch (error) {
    const reason = ERRORS[TrunklineError.is(error) ? error.code : 'STORE_UNAVAILABLE'].message
    return { status: 503, body: { status: 'not_ready', reason } }
  } finally {
    clearTimeout(timer)
  }
}

import { access, constants, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TrunklineError } from '@trunkline/core'
import type { LeaseStore } from '@trunkline/core/store'

/** No session can have this id, nor does a folder of one have this name. */
const PROBE = 'readiness probe'
/** Whoever asks more often gets the last answer. */
const FRESH_MS = 2000
const LEASE_MS = 1000
/** Small enough to cost nothing, and more than what a file system has room for inside of its own records. */
const CONTENT = Buffer.alloc(4096)

export interface WriteProbeOptions {
  leases: Pick<LeaseStore, 'acquire'>
  /** The folder of credentials and keys, when they are kept apart. */
  folder?: string
  now?(): number
}

/**
 * Tries whether everything that is in use takes a write: a store that only answers may be on a full disk, on one that became
 * read-only, or in a folder of somebody else.
 */
export class WriteProbe {
  readonly #options: WriteProbeOptions
  #last: { at: number; outcome: Promise<void> } | undefined

  constructor(options: WriteProbeOptions) {
    this.#options = options
  }

  /** @throws STORE_UNAVAILABLE · STORE_FULL · what the store rejects with */
  check(): Promise<void> {
    const now = (this.#options.now ?? Date.now)()
    if (this.#last && now - this.#last.at < FRESH_MS) return this.#last.outcome
    const outcome = this.#write()
    this.#last = { at: now, outcome }
    return outcome
  }

  async #write(): Promise<void> {
    const { leases, folder } = this.#options
    await leases.acquire(PROBE, { owner: PROBE, ttlMs: LEASE_MS })
    if (folder !== undefined) await writeInto(folder)
  }
}

async function writeInto(folder: string): Promise<void> {
  const file = join(folder, PROBE)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK)
    await writeFile(file, CONTENT, { mode: 0o600 })
    await rm(file, { force: true })
  } catch (cause) {
    await rm(file, { force: true }).catch(() => {})
    const full = ['ENOSPC', 'EDQUOT'].includes(String((cause as NodeJS.ErrnoException).code))
    throw new TrunklineError(full ? 'STORE_FULL' : 'STORE_UNAVAILABLE', { cause })
  }
}

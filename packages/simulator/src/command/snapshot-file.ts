import { open, readFile, rename } from 'node:fs/promises'
import { SimulatorError } from '../errors.js'
import type { SimulatorSnapshot } from '../snapshot/codec.js'

/** The state in a file, which is always a whole one: a new file takes the place of the old in one step. */
export class SnapshotFile {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** `undefined` when there is no file. Rejects with `SNAPSHOT_INVALID` when there is no snapshot in it. */
  async load(): Promise<SimulatorSnapshot | undefined> {
    const text = await readFile(this.#path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (text === undefined) return undefined
    try {
      return JSON.parse(text) as SimulatorSnapshot
    } catch (cause) {
      throw new SimulatorError('SNAPSHOT_INVALID', `${this.#path} is not JSON`, { cause })
    }
  }

  /** Keys are in it: readable by its owner alone. */
  async save(snapshot: SimulatorSnapshot): Promise<void> {
    const temporary = `${this.#path}.${process.pid}.tmp`
    const file = await open(temporary, 'w', 0o600)
    try {
      await file.writeFile(JSON.stringify(snapshot))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, this.#path)
  }
}

import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { TrunklineError } from '@trunkline/core/store'
import { toStoreError } from './errors.js'

const CHUNK_BYTES = 64 * 1024

/**
 * Files without names of their own in one folder, for this user only. Which of them count is not known here: a file counts once
 * `commit` has resolved, and what does not count is swept away when the store is opened.
 */
export class MediaFiles {
  readonly #folder: string
  /** Files that are being written, which nobody knows of yet. */
  readonly #unfinished = new Set<string>()

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Writes a file to the disk and has it committed under its name; removes it when either fails. */
  async write(chunks: AsyncIterable<Uint8Array>, commit: (name: string) => Promise<void>): Promise<void> {
    const name = randomUUID()
    const unfinished = `${name}.part`
    for (const one of [name, unfinished]) this.#unfinished.add(one)
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 })
      await this.#writeDurably(unfinished, chunks)
      await rename(this.#path(unfinished), this.#path(name))
      await this.#syncFolder()
      await commit(name)
    } catch (error) {
      await Promise.all([name, unfinished].map((one) => this.remove(one)))
      throw error
    } finally {
      for (const one of [name, unfinished]) this.#unfinished.delete(one)
    }
  }

  /** The bytes from `offset` on; opened with the first chunk, closed with the last one that is asked for. */
  async *read(name: string, { offset, length }: { offset: number; length: number }): AsyncGenerator<Uint8Array> {
    const handle = await open(this.#path(name), 'r').catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'ENOENT') throw toStoreError(cause)
      throw new TrunklineError('OPERATION_ABORTED', { message: 'The file was removed before it was read', cause })
    })
    try {
      for (let left = length, position = offset; left > 0; ) {
        const buffer = Buffer.allocUnsafeSlow(Math.min(left, CHUNK_BYTES))
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, position)
        if (bytesRead === 0) return
        left -= bytesRead
        position += bytesRead
        yield buffer.subarray(0, bytesRead)
      }
    } catch (error) {
      throw toStoreError(error)
    } finally {
      await handle.close()
    }
  }

  async remove(name: string): Promise<void> {
    await rm(this.#path(name), { force: true })
  }

  /** Removes what a crash has left: every file that does not count and is not being written. */
  async sweep(counts: (name: string) => boolean): Promise<void> {
    const names = await readdir(this.#folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    for (const name of names) if (!counts(name) && !this.#unfinished.has(name)) await this.remove(name)
  }

  async #writeDurably(name: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const handle = await open(this.#path(name), 'wx', 0o600)
    try {
      for await (const chunk of chunks) await handle.writeFile(chunk)
      await handle.sync()
    } finally {
      await handle.close()
    }
  }

  /** The name of a new file is on the disk when its folder is. */
  async #syncFolder(): Promise<void> {
    const handle = await open(this.#folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  }

  #path(name: string): string {
    return join(this.#folder, name)
  }
}

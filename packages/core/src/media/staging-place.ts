import { createWriteStream } from 'node:fs'
import { open, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { MemoryShare } from '../util/memory-share.js'
import { makeStagingFolder, toStagingError } from './staging-folders.js'

/** A file that was taken in, in memory or on the disk. */
export interface StagedBytes {
  bytes: number
  /** All of it, from the beginning, in pieces that are good until the next one is asked for. */
  read(): AsyncGenerator<Uint8Array>
  /** The bytes, or the path of the file, for whoever takes either. */
  whole(): Uint8Array | string
  /** Where other programs find it. @throws STORE_FULL · STORE_UNAVAILABLE */
  path(): Promise<string>
}

const PIECE_BYTES = 128 * 1024
/** Each chunk takes memory beside its bytes: what comes in crumbs goes to the disk. */
const MAX_CHUNKS = 4_096
const NOTHING = new Uint8Array(0)

/**
 * Where one file is on its way out: in memory as long as it is small and there is room, otherwise in a folder of its own that only
 * this user can read. Making that folder, writing, reading and removing it again cost more than all else about a small file.
 */
export class StagingPlace {
  readonly #memory: MemoryShare
  #taken = 0
  #folder: Promise<string> | undefined

  constructor(memory: MemoryShare) {
    this.#memory = memory
  }

  /**
   * Takes all of a source in. `whole`: the same, where somebody has it in memory already, so that it is not copied.
   *
   * @throws what the source throws · STORE_FULL · STORE_UNAVAILABLE
   */
  async keep(source: AsyncGenerator<Uint8Array>, whole?: Uint8Array): Promise<StagedBytes> {
    if (whole && this.#resize(this.#taken + whole.length)) {
      while (!(await source.next()).done);
      return this.#held([whole])
    }
    const chunks: Uint8Array[] = []
    for (let next = await source.next(); !next.done; next = await source.next()) {
      chunks.push(next.value)
      if (chunks.length > MAX_CHUNKS || !this.#resize(this.#taken + next.value.length))
        return this.#overflown(chunks, source)
    }
    return this.#held(chunks)
  }

  /** A path that is free, for a program that makes a file. `made` takes it in. */
  async pathFor(name: string): Promise<string> {
    return join(await this.folder(), name)
  }

  async made(path: string): Promise<StagedBytes> {
    const { size: bytes } = await stat(path)
    return { bytes, read: () => piecesOf(path), whole: () => path, path: async () => path }
  }

  /** Of this file alone, and gone after `release`. */
  folder(): Promise<string> {
    this.#folder ??= makeStagingFolder()
    return this.#folder
  }

  /** Safe to call twice. */
  async release(): Promise<void> {
    this.#resize(0)
    const folder = await this.#folder?.catch(() => undefined)
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  }

  #resize(bytes: number): boolean {
    if (!this.#memory.resize(this.#taken, bytes)) return false
    this.#taken = bytes
    return true
  }

  #held(chunks: readonly Uint8Array[]): StagedBytes {
    let path: Promise<string> | undefined
    const [first = NOTHING] = chunks
    return {
      bytes: chunks.reduce((sum, { length }) => sum + length, 0),
      read: () => cut(chunks),
      whole: () => (chunks.length > 1 ? Buffer.concat(chunks) : first),
      path: () => {
        path ??= this.#written(cut(chunks))
        return path
      },
    }
  }

  async #overflown(begun: Uint8Array[], source: AsyncGenerator<Uint8Array>): Promise<StagedBytes> {
    try {
      const path = await this.#written(this.#joined(begun, source))
      return await this.made(path)
    } catch (error) {
      // Not awaited: a source that is stuck in its next chunk would never answer.
      void source.return(undefined).catch(() => undefined)
      throw error
    }
  }

  /** What had been begun leaves the memory first. */
  async *#joined(begun: Uint8Array[], rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
    yield* begun
    begun.length = 0
    this.#resize(0)
    yield* rest
  }

  async #written(source: AsyncGenerator<Uint8Array>): Promise<string> {
    const path = await this.pathFor('given')
    try {
      await pipeline(source, createWriteStream(path, { mode: 0o600 }))
      return path
    } catch (error) {
      // Only the file here is written: what is read may fail in any way.
      throw (error as NodeJS.ErrnoException).syscall === 'write' ? toStagingError(error) : error
    }
  }
}

async function* cut(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks)
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) yield chunk.subarray(at, at + PIECE_BYTES)
}

/**
 * A file, in pieces that are all the same memory. Memory of their own for each lies outside of the JavaScript heap, and enough of it
 * has all of the heap collected, more than once for each file that is sent.
 */
async function* piecesOf(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path)
  try {
    const memory = Buffer.allocUnsafeSlow(PIECE_BYTES)
    for (;;) {
      const { bytesRead } = await file.read(memory, 0, PIECE_BYTES, null)
      if (bytesRead === 0) return
      yield memory.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}

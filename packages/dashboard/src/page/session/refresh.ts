import type { QueryClient, QueryKey } from '@tanstack/react-query'

/** A queue that is worked off, or a history that comes in, tells of every message or person: what is shown is read anew at most this often. */
const NEWS_MS = 400

/** Many news, few requests: the first of them starts the time after which what they are about is read. */
export class Refresh {
  readonly #queries: QueryClient
  readonly #queryKey: QueryKey
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(queries: QueryClient, queryKey: QueryKey) {
    this.#queries = queries
    this.#queryKey = queryKey
  }

  soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.#queries.invalidateQueries({ queryKey: this.#queryKey })
    }, NEWS_MS)
  }

  end(): void {
    clearTimeout(this.#timer)
  }
}

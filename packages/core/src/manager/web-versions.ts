import type { Clock } from '../ports/clock.js'
import type { WebVersionSource } from '../ports/connector.js'
import type { Logger } from '../ports/logger.js'
import { compareWebVersions, formatWebVersion, newerWebVersion } from '../records/web-version.js'
import type { VersionRequest, VersionTurn, VersionTurns } from '../session/services.js'
import type { WebVersion } from '../types/web-version.js'
import { deferred } from '../util/deferred.js'
import { KeyedMutex } from '../util/keyed-mutex.js'
import { sleep } from '../util/sleep.js'

export interface WebVersionsOptions {
  /** What the operator has set: announced whatever WhatsApp says to it. */
  fixed?: WebVersion
  source?: WebVersionSource
  timings: { versionRetryBaseMs: number; versionRetryMaxMs: number }
  clock: Clock
  random: () => number
  logger: Logger
}

/** From a refusal of the version that all announce until WhatsApp takes one. */
interface Search {
  /** The newest version that was refused. */
  refused: WebVersion
  /** Who was refused, and with which version. */
  readonly refusals: Map<string, WebVersion>
  failures: number
  /** No look and no try before this, by the monotonic clock. Left out until the first has failed. */
  notBefore?: number
  /** Why there is no version yet. */
  problem?: { message: string; retryAt: string }
  /** Ends the pause before the next look. */
  wake: AbortController
  readonly over: AbortController
}

/**
 * Which version of WhatsApp Web the sessions of a manager announce. When WhatsApp refuses it, they stand in a line: the first
 * looks the newest one up and tries it, the others follow once it was let in. Between two looks that have failed lies a back-off,
 * whoever stands in front. A session that is refused with a version that WhatsApp takes from others is on its own.
 */
export class WebVersions implements VersionTurns {
  readonly #options: WebVersionsOptions
  readonly #line = new KeyedMutex()
  readonly #waiting = new Set<VersionRequest>()
  /** Sessions that were refused with a version which others were let in with afterwards. */
  readonly #alone = new Map<string, WebVersion>()
  #trusted: WebVersion | undefined
  #search: Search | undefined

  constructor(options: WebVersionsOptions) {
    this.#options = options
    this.#trusted = options.fixed ?? options.source?.own
  }

  /** A version that WhatsApp took once, as it stands in the record of a session. */
  known(version: WebVersion | undefined): void {
    if (!version || !this.#follows) return
    const best = newerWebVersion(this.#trusted, this.#search?.refused)
    if (!best || compareWebVersions(version, best) > 0) this.#settle(version)
  }

  /** `undefined` when the signal was aborted before it was this session's turn. */
  async turn(request: VersionRequest, signal: AbortSignal): Promise<VersionTurn | undefined> {
    this.known(request.last)
    if (signal.aborted) return undefined
    if (!this.#search) return this.#plainTurn(request)
    if (request.asked) this.#hurry(this.#search)
    return this.#standInLine(request, signal)
  }

  get #follows(): boolean {
    return this.#options.fixed === undefined && this.#options.source?.newest !== undefined
  }

  async #standInLine(request: VersionRequest, signal: AbortSignal): Promise<VersionTurn | undefined> {
    const given = deferred<VersionTurn | undefined>()
    const leave = () => given.resolve(undefined)
    signal.addEventListener('abort', leave, { once: true })
    this.#waiting.add(request)
    if (this.#search?.problem) request.tell(this.#search.problem)
    const inFront = async () => {
      const search = this.#search
      const candidate = search && !signal.aborted ? await this.#candidate(search, request, signal) : undefined
      if (signal.aborted) return
      if (!search || !candidate) return given.resolve(this.#plainTurn(request))
      const tried = deferred()
      given.resolve(this.#trial(search, { request, version: candidate, done: tried.resolve }))
      await tried.promise
    }
    void this.#line.run('', inFront).catch((error: unknown) => given.reject(error))
    try {
      return await given.promise
    } finally {
      signal.removeEventListener('abort', leave)
      this.#waiting.delete(request)
    }
  }

  /** The version to try next, once it may be tried; `undefined` when the session has left or the search is over. */
  async #candidate(search: Search, request: VersionRequest, signal: AbortSignal): Promise<WebVersion | undefined> {
    const enough = AbortSignal.any([signal, search.over.signal])
    for (;;) {
      const paused = search.notBefore !== undefined
      if (!(await this.#pause(search, enough))) return undefined
      const found = await this.#lookUp(request, enough)
      if (enough.aborted) return undefined
      if ('version' in found && compareWebVersions(found.version, search.refused) > 0) return found.version
      // Nothing newer, but WhatsApp may have changed its mind: now and then a try is worth it.
      if (paused) return newerWebVersion('version' in found ? found.version : undefined, this.#trusted)
      this.#postpone(search, 'problem' in found ? found.problem : 'its own page tells none that is newer')
    }
  }

  async #lookUp(request: VersionRequest, signal: AbortSignal): Promise<{ version: WebVersion } | { problem: string }> {
    const { source, logger } = this.#options
    const { proxyUrl } = request
    try {
      if (!source?.newest) return { problem: 'the newest one is not looked up' }
      return { version: await source.newest({ signal, ...(proxyUrl ? { proxyUrl } : {}) }) }
    } catch (error) {
      if (!signal.aborted) logger.warn({ err: error }, 'The newest version of WhatsApp Web could not be looked up')
      const why = error instanceof Error ? error.message : String(error)
      return { problem: `the newest one could not be looked up: ${why}` }
    }
  }

  /** Waits until the next look is due; `false` when it is no longer wanted. */
  async #pause(search: Search, enough: AbortSignal): Promise<boolean> {
    const { clock } = this.#options
    while (search.notBefore !== undefined && search.notBefore > clock.monotonic() && !enough.aborted)
      await sleep(clock, search.notBefore - clock.monotonic(), AbortSignal.any([enough, search.wake.signal]))
    return !enough.aborted
  }

  #postpone(search: Search, why: string): void {
    const { clock, random, logger, timings } = this.#options
    search.failures += 1
    const bound = Math.min(
      timings.versionRetryMaxMs,
      timings.versionRetryBaseMs * 2 ** Math.min(search.failures - 1, 30),
    )
    const pauseMs = Math.round(bound * (0.5 + random() / 2))
    search.notBefore = clock.monotonic() + pauseMs
    const retryAt = new Date(clock.now() + pauseMs).toISOString()
    const message = `WhatsApp does not accept version ${formatWebVersion(search.refused)}, and ${why}`
    logger.warn({ retryAt }, message)
    search.problem = { message, retryAt }
    for (const { tell } of this.#waiting) tell(search.problem)
  }

  /** Somebody asks for a session: the next look is now. */
  #hurry(search: Search): void {
    if (search.notBefore === undefined) return
    search.notBefore = this.#options.clock.monotonic()
    search.wake.abort()
    search.wake = new AbortController()
  }

  #plainTurn({ sessionId }: VersionRequest): VersionTurn {
    const version = this.#trusted
    return {
      ...(version ? { version } : {}),
      accepted: () => void this.#alone.delete(sessionId),
      refused: () => this.#refused(sessionId, version),
      end: () => {},
    }
  }

  #trial(
    search: Search,
    { request, version, done }: { request: VersionRequest; version: WebVersion; done(): void },
  ): VersionTurn {
    const { sessionId } = request
    return {
      version,
      accepted: () => {
        search.refusals.delete(sessionId)
        this.#alone.delete(sessionId)
        if (this.#search === search) this.#settle(version)
        done()
      },
      refused: () => {
        search.refused = newerWebVersion(search.refused, version) ?? version
        search.refusals.set(sessionId, version)
        if (this.#search === search) this.#postpone(search, 'there is no newer one that it takes')
        return true
      },
      end: done,
    }
  }

  /** Whether another try, with another version or later, can help. */
  #refused(sessionId: string, version: WebVersion | undefined): boolean {
    const trusted = this.#trusted
    if (!this.#follows || !version || !trusted) return false
    if (compareWebVersions(version, trusted) < 0) return true
    const before = this.#alone.get(sessionId)
    if (!this.#search && before && compareWebVersions(before, version) === 0) return false
    this.#search ??= {
      refused: version,
      refusals: new Map(),
      failures: 0,
      wake: new AbortController(),
      over: new AbortController(),
    }
    this.#search.refusals.set(sessionId, version)
    return true
  }

  /** WhatsApp takes this version: the search is over, and all who wait connect with it. */
  #settle(version: WebVersion): void {
    const search = this.#search
    this.#search = undefined
    this.#trusted = version
    for (const [sessionId, refused] of search?.refusals ?? [])
      if (compareWebVersions(refused, version) === 0) this.#alone.set(sessionId, version)
    if (search) this.#options.logger.info({ version: formatWebVersion(version) }, 'WhatsApp takes this version')
    search?.over.abort()
  }
}

import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren } from '@whiskeysockets/baileys'
import type { Clock } from '../../ports/clock.js'

/** Where files go to and come from, and what an upload has to show. */
export interface MediaHosts {
  /** `host` or `host:port`, best first. */
  names: string[]
  auth: string
}

/** Used when the server says nothing. */
const TTL_SECONDS = 300

/**
 * Asks for the media hosts and keeps the answer for as long as the server says. Not by Baileys: one answer that is an error would
 * stay with its socket, and refuse every later upload.
 */
export class MediaHostList {
  readonly #clock: Clock
  #known: { hosts: MediaHosts; until: number } | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async get(query: (node: BinaryNode) => Promise<unknown>): Promise<MediaHosts> {
    if (this.#known && this.#clock.monotonic() < this.#known.until) return this.#known.hosts
    const attrs = { type: 'set', xmlns: 'w:m', to: '@s.whatsapp.net' }
    const answer = await query({ tag: 'iq', attrs, content: [{ tag: 'media_conn', attrs: {} }] })
    const conn = getBinaryNodeChild(answer as BinaryNode | undefined, 'media_conn')
    const names = getBinaryNodeChildren(conn, 'host').flatMap(({ attrs: { hostname } }) => hostname ?? [])
    if (!conn?.attrs.auth || names.length === 0) throw new Error('WhatsApp named no media hosts')
    const hosts = { names, auth: conn.attrs.auth }
    const ttlMs = (Number(conn.attrs.ttl) || TTL_SECONDS) * 1_000
    this.#known = { hosts, until: this.#clock.monotonic() + ttlMs }
    return hosts
  }

  /** What a host refuses may be too old. */
  forget(): void {
    this.#known = undefined
  }
}

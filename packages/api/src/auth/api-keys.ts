import { createHash, randomBytes } from 'node:crypto'
import type { ApiKey, BodyOf, QueryOf, ResultOf } from '@trunkline/contract'
import { LIMITS, PERMISSIONS, type Permission } from '@trunkline/contract'
import { type Page, TrunklineError } from '@trunkline/core'
import type { ApiKeyRecord, ApiKeyStore, UserRecord, UserStore } from '@trunkline/core/store'
import { v7 as uuid } from 'uuid'
import { fullPage } from '../full-page.js'
import { invalid } from '../input.js'
import { coversKey, holds, maySee, onlyPeople } from '../policy.js'
import { bearerToken, type Headers, type Principal } from './authenticator.js'
import type { RightsChanges } from './rights-changes.js'

/** `trunkline_`, 8 letters to tell keys apart, and 32 random bytes: so much that a fast hash of it is enough. */
const KEY = /^(trunkline_[A-Za-z0-9_-]{8})_[A-Za-z0-9_-]{43}$/

/** How often the last use of a key is written at most. */
const TOUCH_INTERVAL_MS = 60_000
/** More keys than this are hardly in use at once: their times are forgotten together, and written once more. */
const MAX_TOUCHED = 10_000

export interface ApiKeysParts {
  keys: ApiKeyStore
  users: UserStore
  rights: RightsChanges
  now(): number
}

/** The keys of machines: each may do some of what its maker may, for as long as the maker may. */
export class ApiKeys {
  readonly #parts: ApiKeysParts
  /** When each key was touched here last: those that come meanwhile have read it before. */
  readonly #touched = new Map<string, number>()

  constructor(parts: ApiKeysParts) {
    this.#parts = parts
  }

  /** Who calls with this key: its maker, with what is left of the maker's rights. */
  async authenticate(key: string): Promise<Principal | undefined> {
    const { keys, users, now } = this.#parts
    const record = KEY.test(key) ? await keys.findByHash(hashOf(key)) : undefined
    if (!record || (record.expiresAt !== undefined && Date.parse(record.expiresAt) <= now())) return undefined
    const maker = await users.get(record.userId)
    if (!maker || maker.disabled) return undefined
    this.#touch(record)
    return {
      userId: maker.id,
      keyId: record.id,
      role: maker.role,
      permissions: record.permissions.filter(isPermission),
      sessionIds: sharedSessions(record.sessionIds, maker.sessionIds),
      ...(record.expiresAt === undefined ? {} : { expiresAt: record.expiresAt }),
    }
  }

  async list(
    principal: Principal,
    { limit = LIMITS.page.default, cursor }: QueryOf<'listKeys'>,
  ): Promise<Page<ApiKey>> {
    const { keys } = this.#parts
    const page = await fullPage<ApiKeyRecord>(
      { limit, cursor },
      { read: (part) => keys.list(part), exists: (key) => coversKey(principal, publicKey(key)) },
    )
    return { ...page, items: page.items.map(publicKey) }
  }

  /** @throws FORBIDDEN · VALIDATION_FAILED for an end that has passed */
  async create(principal: Principal, given: BodyOf<'createKey'>): Promise<ResultOf<'createKey'>['body']> {
    onlyPeople(principal)
    const permitted = given.permissions.every((permission) => holds(principal, permission))
    if (!permitted || (given.sessionIds !== '*' && !given.sessionIds.every((id) => maySee(principal, id)))) {
      throw new TrunklineError('FORBIDDEN', { message: 'Nobody gives permissions or sessions that they do not have' })
    }
    const { keys, now } = this.#parts
    const { expiresAt, ...wanted } = given
    if (expiresAt !== undefined && Date.parse(expiresAt) <= now()) {
      throw invalid([{ field: 'expiresAt', message: 'has passed already' }])
    }
    const prefix = `trunkline_${randomBytes(6).toString('base64url')}`
    const key = `${prefix}_${randomBytes(32).toString('base64url')}`
    const record: ApiKeyRecord = {
      id: uuid(),
      userId: principal.userId,
      ...wanted,
      permissions: [...new Set(wanted.permissions)],
      prefix,
      hash: hashOf(key),
      createdAt: new Date(now()).toISOString(),
      ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
    }
    await keys.insert(record)
    return { ...publicKey(record), key }
  }

  /** @throws API_KEY_NOT_FOUND */
  async remove(principal: Principal, keyId: string): Promise<void> {
    const { keys, rights } = this.#parts
    const record = await keys.get(keyId)
    if (!record || !coversKey(principal, publicKey(record))) throw new TrunklineError('API_KEY_NOT_FOUND')
    await keys.remove(keyId)
    rights.tell(record.userId)
  }

  /** Behind the request, which it must neither delay nor fail: the next use is another occasion. */
  #touch({ id, lastUsedAt }: ApiKeyRecord): void {
    const { keys, now } = this.#parts
    const time = now()
    if (lastUsedAt !== undefined && time - Date.parse(lastUsedAt) < TOUCH_INTERVAL_MS) return
    if (time - (this.#touched.get(id) ?? Number.NEGATIVE_INFINITY) < TOUCH_INTERVAL_MS) return
    this.#touched.set(id, time)
    if (this.#touched.size > MAX_TOUCHED) this.#touched.clear()
    void keys.touch(id, new Date(time).toISOString()).catch(() => {})
  }
}

/** All of the maker's sessions, or those of the key that are the maker's still. */
function sharedSessions(ofKey: ApiKeyRecord['sessionIds'], ofMaker: UserRecord['sessionIds']): Principal['sessionIds'] {
  if (ofKey === '*') return ofMaker
  return ofMaker === '*' ? ofKey : ofKey.filter((sessionId) => ofMaker.includes(sessionId))
}

/** A key comes in its own header, or as the token of tools that know no other; who sends an `Authorization` is judged by that. */
export function apiKeyOf(headers: Headers): string | undefined {
  const token = bearerToken(headers)
  if (token !== undefined && KEY.test(token)) return token
  const key = headers['x-api-key']
  return headers.authorization === undefined && typeof key === 'string' ? key : undefined
}

function isPermission(word: string): word is Permission {
  return PERMISSIONS.some((permission) => permission === word)
}

function publicKey({ hash: _, permissions, ...key }: ApiKeyRecord): ApiKey {
  return { ...key, permissions: permissions.filter(isPermission) }
}

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

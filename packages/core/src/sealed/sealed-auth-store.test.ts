import { randomBytes } from 'node:crypto'
import { authStoreSuite } from '@trunkline/conformance'
import { describe, expect, it } from 'vitest'
import { TrunklineError } from '../errors/trunkline-error.js'
import { createMemoryStore } from '../memory/memory-store.js'
import { deferred } from '../util/deferred.js'
import { sealingKeyFrom } from './key-ring.js'
import { createSealedAuthStore, readSealingKeyIds } from './sealed-auth-store.js'

const OLD = { id: 'old', key: Buffer.alloc(32, 1) }
const NEW = { id: 'new', key: Buffer.alloc(32, 2) }
const FIRST = { epoch: 1 }
const SECRET = Buffer.from('5ec7e7'.repeat(10), 'hex')

authStoreSuite({
  name: 'sealed',
  backend: async () => createMemoryStore().auth,
  async open(auth) {
    const sealed = createSealedAuthStore(auth, { keys: [NEW, OLD] })
    return { auth: sealed, setup: async () => {}, close: async () => {} }
  },
})

const linked = {
  creds: SECRET,
  puts: Array.from({ length: 250 }, (_, id) => ({ type: 'pre-key', id: String(id), value: SECRET })),
}

async function sealedWith(key: typeof OLD, sessionId: string): Promise<Uint8Array> {
  const { auth } = createMemoryStore()
  await createSealedAuthStore(auth, { keys: [key] }).commit(sessionId, { creds: SECRET }, FIRST)
  return (await auth.readCreds(sessionId)) ?? new Uint8Array()
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  const error = await promise.catch((reason: unknown) => reason)
  return TrunklineError.is(error) ? error.code : undefined
}

describe('sealed values', () => {
  it('contain nothing of what they seal, and are never the same twice', async () => {
    const { auth } = createMemoryStore()
    await createSealedAuthStore(auth, { keys: [NEW] }).commit('s', linked, FIRST)
    const stored = [await auth.readCreds('s'), ...(await auth.readKeys('s', 'pre-key', ['0', '1'])).values()]
    for (const value of stored) expect(Buffer.from(value ?? []).includes(SECRET.subarray(0, 6))).toBe(false)
    expect(new Set(stored.map((value) => Buffer.from(value ?? []).toString('hex'))).size).toBe(3)
  })

  it('open in their own place only: session, type and id', async () => {
    const { auth } = createMemoryStore()
    const sealed = createSealedAuthStore(auth, { keys: [NEW] })
    await sealed.commit('s', linked, FIRST)
    const value = (await auth.readKeys('s', 'pre-key', ['0'])).get('0') as Uint8Array
    await auth.commit(
      's',
      {
        puts: [
          { type: 'pre-key', id: 'x', value },
          { type: 'session', id: '0', value },
        ],
      },
      FIRST,
    )
    await auth.commit('other', { creds: value, puts: [{ type: 'pre-key', id: '0', value }] }, FIRST)
    expect(await codeOf(sealed.readKeys('s', 'pre-key', ['x']))).toBe('ENCRYPTION_KEY_WRONG')
    expect(await codeOf(sealed.readKeys('s', 'session', ['0']))).toBe('ENCRYPTION_KEY_WRONG')
    expect(await codeOf(sealed.readKeys('other', 'pre-key', ['0']))).toBe('ENCRYPTION_KEY_WRONG')
    expect(await codeOf(sealed.readCreds('other'))).toBe('ENCRYPTION_KEY_WRONG')
    expect((await sealed.readKeys('s', 'pre-key', ['0'])).size).toBe(1)
  })

  it('that were changed are told as such, wherever the change is', async () => {
    const { auth } = createMemoryStore()
    const sealed = createSealedAuthStore(auth, { keys: [NEW] })
    await sealed.commit('s', { creds: SECRET }, FIRST)
    const value = Buffer.from((await auth.readCreds('s')) ?? [])
    // From the key id on; before it a value is no longer marked as sealed.
    for (let place = 6; place < value.length; place += 5) {
      const changed = Buffer.from(value)
      changed[place] = (changed[place] ?? 0) ^ 1
      await auth.commit('s', { creds: changed }, FIRST)
      expect([place, await codeOf(sealed.readCreds('s'))]).toEqual([place, 'ENCRYPTION_KEY_WRONG'])
    }
  })

  it('name the key that is missing, and a key of the same id that is another one', async () => {
    const { auth } = createMemoryStore()
    await createSealedAuthStore(auth, { keys: [OLD] }).commit('s', linked, FIRST)
    for (const key of [NEW, { id: 'old', key: NEW.key }]) {
      const other = createSealedAuthStore(auth, { keys: [key] })
      const error = await other.readCreds('s').catch((reason: unknown) => reason)
      expect(TrunklineError.is(error, 'ENCRYPTION_KEY_WRONG') && error.details).toEqual({ keyId: 'old' })
      expect(await codeOf(other.readKeys('s', 'pre-key', ['0']))).toBe('ENCRYPTION_KEY_WRONG')
    }
  })
})

describe('a new key', () => {
  it('reads what the old one sealed, and what was not sealed at all', async () => {
    const { auth } = createMemoryStore()
    await auth.commit('plain', linked, FIRST)
    await createSealedAuthStore(auth, { keys: [OLD] }).commit('s', linked, FIRST)
    const sealed = createSealedAuthStore(auth, { keys: [NEW, OLD] })
    for (const session of ['plain', 's']) {
      expect(Buffer.from((await sealed.readCreds(session)) ?? []).equals(SECRET)).toBe(true)
      expect((await sealed.readKeys(session, 'pre-key', ['249'])).size).toBe(1)
    }
  })

  it('seals everything of a session anew, so that the old one can go', async () => {
    for (const sealedBefore of [true, false]) {
      const { auth } = createMemoryStore()
      const before = sealedBefore ? createSealedAuthStore(auth, { keys: [OLD] }) : auth
      await before.commit('s', { ...linked, puts: [...linked.puts, { type: 'own', id: '1', value: SECRET }] }, FIRST)
      const sealed = createSealedAuthStore(auth, { keys: [NEW, OLD], types: ['own'] })
      expect(await sealed.rotate('s', FIRST)).toBe(252)
      expect(await sealed.rotate('s', FIRST)).toBe(0)

      const alone = createSealedAuthStore(auth, { keys: [NEW] })
      expect(Buffer.from((await alone.readCreds('s')) ?? []).equals(SECRET)).toBe(true)
      expect((await alone.readKeys('s', 'pre-key', await alone.listKeyIds('s', 'pre-key'))).size).toBe(250)
      expect((await alone.readKeys('s', 'own', ['1'])).size).toBe(1)
    }
  })

  it('seals in the background once a session is written to, and overwrites no commit that comes in meanwhile', async () => {
    const { auth } = createMemoryStore()
    await createSealedAuthStore(auth, { keys: [OLD] }).commit('s', linked, FIRST)
    const sealed = createSealedAuthStore(auth, { keys: [NEW, OLD] })
    const marked = async () => (await auth.listKeyIds('s', 'sealing')).length > 0
    let number = 0
    for (let done = false; !done; number++) {
      const value = Buffer.from(`newer ${number}`)
      await sealed.commit('s', { puts: [{ type: 'pre-key', id: String(number % 250), value }] }, FIRST)
      expect(
        Buffer.from((await sealed.readKeys('s', 'pre-key', [String(number % 250)])).values().next().value ?? []),
      ).toEqual(value)
      const marker = (await auth.readKeys('s', 'sealing', ['key'])).get('key')
      done = (await marked()) && Buffer.from(marker ?? []).includes('new')
    }
    const alone = createSealedAuthStore(auth, { keys: [NEW] })
    const keys = await alone.readKeys('s', 'pre-key', await alone.listKeyIds('s', 'pre-key'))
    expect(keys.size).toBe(250)
    for (let id = 0; id < Math.min(number, 250); id++) {
      expect(Buffer.from(keys.get(String(id)) ?? []).toString()).toMatch(/^newer /)
    }
  })

  it('is left for the next owner when the store closes in the middle', async () => {
    const { auth } = createMemoryStore()
    await createSealedAuthStore(auth, { keys: [OLD] }).commit('s', linked, FIRST)
    const listed = deferred()
    const slow = {
      ...auth,
      listKeyIds: (id: string, type: string) => listed.promise.then(() => auth.listKeyIds(id, type)),
    }
    const sealed = createSealedAuthStore(slow, { keys: [NEW, OLD] })
    await sealed.commit('s', { creds: SECRET }, FIRST)
    const closing = sealed.close()
    listed.resolve()
    await closing
    expect(await readSealingKeyIds(auth, 's')).toEqual(['new', 'old'])
    const keys = await auth.readKeys('s', 'pre-key', await auth.listKeyIds('s', 'pre-key'))
    await settled()
    expect(await auth.readKeys('s', 'pre-key', await auth.listKeyIds('s', 'pre-key'))).toEqual(keys)

    const next = createSealedAuthStore(auth, { keys: [NEW, OLD] })
    expect(await next.rotate('s', FIRST)).toBeGreaterThan(0)
    expect(await readSealingKeyIds(auth, 's')).toEqual(['new'])
  })

  it('is not used by a former owner', async () => {
    const { auth } = createMemoryStore()
    await createSealedAuthStore(auth, { keys: [OLD] }).commit('s', linked, { epoch: 2 })
    const sealed = createSealedAuthStore(auth, { keys: [NEW, OLD] })
    expect(await codeOf(sealed.rotate('s', { epoch: 1 }))).toBe('LEASE_LOST')
  })

  it('tells which keys a session still needs, also in the middle of being sealed anew', async () => {
    const { auth } = createMemoryStore()
    await auth.commit('s', linked, FIRST)
    expect(await readSealingKeyIds(auth, 's')).toEqual([])
    const old = createSealedAuthStore(auth, { keys: [OLD] })
    await old.rotate('s', FIRST)
    expect([await old.isCurrent('s'), await readSealingKeyIds(auth, 's')]).toEqual([true, ['old']])

    const sealed = createSealedAuthStore(auth, { keys: [NEW, OLD] })
    // As a crash leaves it: the credentials are sealed anew, the keys are not.
    await auth.commit('s', { creds: await sealedWith(NEW, 's') }, FIRST)
    expect([await sealed.isCurrent('s'), await readSealingKeyIds(auth, 's')]).toEqual([false, ['new', 'old']])
    await sealed.rotate('s', FIRST)
    expect([await sealed.isCurrent('s'), await readSealingKeyIds(auth, 's')]).toEqual([true, ['new']])
  })

  it('leaves nothing behind where there are no credentials', async () => {
    const { auth } = createMemoryStore()
    expect(await createSealedAuthStore(auth, { keys: [NEW] }).rotate('s', FIRST)).toBe(0)
    expect(await auth.listKeyIds('s', 'sealing')).toEqual([])
  })
})

describe('the key ring', () => {
  it('refuses keys that are none, telling nothing of them', () => {
    const rings = [[], [OLD, OLD], [{ id: '', key: OLD.key }], [{ id: 'short', key: OLD.key.subarray(1) }]]
    for (const keys of rings) {
      expect(() => createSealedAuthStore(createMemoryStore().auth, { keys })).toThrow(/The key ring has/)
    }
  })

  it.each([
    'too short',
    '',
    // Base64 in which a decoder passes over the blanks and finds 32 bytes.
    'correct horse battery staple correct horse batteries',
    '0'.repeat(64),
    'deadbeef'.repeat(8),
    'ab'.repeat(31),
    randomBytes(33).toString('base64'),
  ])('refuses %j for a key, and does not repeat it', (text) => {
    const refused = (() => {
      try {
        return sealingKeyFrom(text)
      } catch (error) {
        return error
      }
    })()
    expect(TrunklineError.is(refused, 'CONFIG_INVALID') && refused.message).toMatch(/has a key that is not/)
    if (text) expect(String(refused)).not.toContain(text)
  })

  it('takes a key as text, whose id is its fingerprint', () => {
    const key = randomBytes(32)
    const hex = sealingKeyFrom(key.toString('hex'))
    expect(Buffer.from(hex.key).equals(key)).toBe(true)
    for (const text of [` ${key.toString('base64')}\n`, key.toString('base64url'), key.toString('hex').toUpperCase()])
      expect(sealingKeyFrom(text)).toEqual(hex)
    expect(hex.id).toMatch(/^[0-9a-f]{12}$/)
    expect(sealingKeyFrom(randomBytes(32).toString('hex')).id).not.toBe(hex.id)
  })
})

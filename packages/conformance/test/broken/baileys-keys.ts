import { auth, type BrokenStore } from './broken-store.js'

/** Reads values that are JSON behind a version byte, as Baileys' keys are, and writes them back another way. */
const rewriting = (rewrite: (value: unknown) => unknown) =>
  auth(({ commit }) => ({
    commit: (id, { puts = [], ...batch }, options) =>
      commit(id, { ...batch, puts: puts.map((put) => ({ ...put, value: rewritten(put.value, rewrite) })) }, options),
  }))

/** Keeps ids in another spelling than the one they are given in. */
const spelling = (spell: (id: string) => string) =>
  auth(({ commit, readKeys }) => ({
    commit(id, { puts = [], deletes = [], ...batch }, options) {
      const spelled = <Ref extends { type: string; id: string }>(ref: Ref) => ({ ...ref, id: spell(ref.id) })
      return commit(id, { ...batch, puts: puts.map(spelled), deletes: deletes.map(spelled) }, options)
    },
    async readKeys(id, type, ids) {
      const found = await readKeys(id, type, ids.map(spell))
      return new Map(
        ids.flatMap((key) => {
          const value = found.get(spell(key))
          return value ? [[key, value] as const] : []
        }),
      )
    },
  }))

/** What goes wrong with one type of Baileys' keys and with no other. */
export const BROKEN_BAILEYS_KEYS: BrokenStore[] = [
  {
    name: 'keeps the halves of a pre-key in columns and puts them together in another order',
    caughtBy: 'keeps a key of the type pre-key as Baileys writes it',
    wrap: rewriting((value) => {
      if (!isObject(value) || !('private' in value)) return value
      const { private: secret, ...rest } = value
      return { ...rest, private: secret }
    }),
  },
  {
    name: 'names a session by user and device, without what kind of number the user is',
    caughtBy: 'keeps a key of the type session as Baileys writes it',
    wrap: spelling((id) => id.replace(/_\d+(?=\.\d+$)/, '')),
  },
  {
    name: 'keeps ids that look like numbers as numbers',
    caughtBy: 'keeps a key of the type identity-key as Baileys writes it',
    wrap: spelling((id) => (/^\d+\.\d+$/.test(id) ? `${Number(id)}` : id)),
  },
  {
    name: 'splits the name of a sender key and keeps its first two parts',
    caughtBy: 'keeps a key of the type sender-key as Baileys writes it',
    wrap: spelling((id) => id.split('::').slice(0, 2).join('::')),
  },
  {
    name: 'keeps values as documents and takes a dot in a name for a path',
    caughtBy: 'keeps a key of the type sender-key-memory as Baileys writes it',
    wrap: rewriting((value) =>
      isObject(value)
        ? Object.fromEntries(
            Object.entries(value).map(([name, part]) => {
              const [outer = name, ...inner] = name.split('.')
              return [outer, inner.length > 0 ? { [inner.join('.')]: part } : part]
            }),
          )
        : value,
    ),
  },
  {
    name: 'takes an id in base64 for bytes and spells them in the alphabet of URLs',
    caughtBy: 'keeps a key of the type app-state-sync-key as Baileys writes it',
    wrap: spelling((id) => (/^[\w+/]+==$/.test(id) ? Buffer.from(id, 'base64').toString('base64url') : id)),
  },
  {
    name: 'keeps the version and the hash of an app state, not its index',
    caughtBy: 'keeps a key of the type app-state-sync-version as Baileys writes it',
    wrap: rewriting((value) =>
      isObject(value) && 'hash' in value ? { version: value.version, hash: value.hash } : value,
    ),
  },
  {
    name: 'takes a text of digits for a number',
    caughtBy: 'keeps a key of the type lid-mapping as Baileys writes it',
    wrap: rewriting((value) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value)),
  },
  {
    name: 'keeps a list as numbers',
    caughtBy: 'keeps a key of the type device-list as Baileys writes it',
    wrap: rewriting((value) => (Array.isArray(value) ? value.map(Number) : value)),
  },
  {
    name: 'keeps the phone number of a JID in its place',
    caughtBy: 'keeps a key of the type tctoken as Baileys writes it',
    wrap: spelling((id) => id.replace(/@s\.whatsapp\.net$/, '')),
  },
]

function rewritten(value: Uint8Array, rewrite: (value: unknown) => unknown): Uint8Array {
  if (value[0] !== 1) return value
  try {
    const json = JSON.stringify(rewrite(JSON.parse(Buffer.from(value.subarray(1)).toString())))
    return Buffer.concat([Buffer.of(1), Buffer.from(json)])
  } catch {
    // Not one of Baileys' keys.
    return value
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

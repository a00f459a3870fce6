import { randomBytes } from 'node:crypto'
import {
  type AuthenticationCreds,
  addTransactionCapability,
  getNextPreKeys,
  initAuthCreds,
} from '@whiskeysockets/baileys'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import type { BaileysAuthState, KeyStorage } from './auth-state.js'
import { makeFirstPreKeys } from './pre-keys.js'

const logger = pino({ level: 'silent' })
const account = { details: randomBytes(8) }

function stateOf(creds: Partial<AuthenticationCreds> & { linked?: boolean }) {
  const stored = new Map<string, unknown>()
  let commits = 0
  const keys: KeyStorage = {
    get: async (_type, ids) =>
      Object.fromEntries(ids.flatMap((id) => (stored.has(id) ? [[id, stored.get(id)] as const] : []))),
    set: async ({ 'pre-key': made = {} }) => {
      commits += 1
      for (const [id, pair] of Object.entries(made)) stored.set(id, pair)
    },
  }
  const { linked = true, ...others } = creds
  const state = { linked, creds: { ...initAuthCreds(), account, ...others }, keys } as BaileysAuthState
  return { state, stored, commits: () => commits }
}

describe('the first pre-keys of an account', () => {
  it('are made in pieces, in between which others have their turn, and stored in one commit', async () => {
    const { state, stored, commits } = stateOf({})
    let turns = 0
    const others = () => {
      turns += 1
      next = setImmediate(others)
    }
    let next = setImmediate(others)
    await makeFirstPreKeys(state)
    clearImmediate(next)
    expect(turns).toBeGreaterThanOrEqual(25)
    expect([...stored.keys()]).toEqual(Array.from({ length: 812 }, (_, n) => `${n + 1}`))
    expect(state.creds).toMatchObject({ nextPreKeyId: 813, firstUnuploadedPreKeyId: 1 })
    expect(commits()).toBe(1)
  })

  it('are those that Baileys uploads: it makes none of its own', async () => {
    const { state, stored } = stateOf({})
    await makeFirstPreKeys(state)
    const keys = addTransactionCapability(state.keys as Parameters<typeof addTransactionCapability>[0], logger, {
      maxCommitRetries: 1,
      delayBetweenTriesMs: 1,
    })
    const { update, preKeys } = await keys.transaction(
      () => getNextPreKeys({ creds: state.creds, keys }, 812),
      'upload',
    )
    expect(preKeys).toEqual(Object.fromEntries(stored))
    expect(Object.keys(preKeys)).toHaveLength(812)
    expect(update).toEqual({ nextPreKeyId: 813, firstUnuploadedPreKeyId: 813 })
  })

  it.each<[string, Parameters<typeof stateOf>[0]]>([
    ['is not linked', { linked: false }],
    ['has some that were uploaded', { nextPreKeyId: 813, firstUnuploadedPreKeyId: 813 }],
    ['has some of an upload that failed', { nextPreKeyId: 813, firstUnuploadedPreKeyId: 1 }],
  ])('are not made where an account %s', async (_, creds) => {
    const { state, commits } = stateOf(creds)
    const before = { ...state.creds }
    await makeFirstPreKeys(state)
    expect(commits()).toBe(0)
    expect(state.creds).toEqual(before)
  })
})

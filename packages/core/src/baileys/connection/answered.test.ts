import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ManualClock } from '@trunkline/conformance/testing'
import type { WASocket } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { answered } from './answered.js'
import { GroupCache } from './group-cache.js'
import { NumberLookup } from './look-up.js'

/** Every method of Baileys' socket that is called here, and what a server that is silent comes to. */
const CALLS: Record<string, string> = {
  relayMessage: 'asks for devices, keys and members: without keys it throws, which is MESSAGE_FAILED',
  fetchPrivacySettings: 'CONNECTION_LOST (answered)',
  readMessages: 'asks for the privacy settings: CONNECTION_LOST (answered)',
  query:
    'probe, ask: CONNECTION_LOST; AppStateWriter: CONNECTION_LOST (answered); serverInventory: nothing is known, and no key is removed; media hosts: MEDIA_NOT_AVAILABLE, MEDIA_UPLOAD_FAILED',
  requestPairingCode: 'PAIRING_CODE_FAILED (waitForMessage)',
  waitForMessage: 'PAIRING_CODE_FAILED',
  rejectCall: 'nobody waits for the answer: the call rings on',
  sendPresenceUpdate: 'asks nothing',
  presenceSubscribe: 'asks nothing: the server tells, or does not',
  fetchAccountReachoutTimelock: 'nobody waits for the answer: what is known of the limit holds',
  fetchMessageHistory: 'asks nothing: the phone answers by a history, or not at all',
  logout: 'asks nothing: the close of the connection is the answer',
  sendPeerDataOperationMessage: 'asks nothing: the phone answers by a message, and is asked again after each login',
  resyncAppState: 'asks for changes of app state: what is not answered is fetched with the next change, or login',
  upsertMessage: 'asks nothing',
  sendNode:
    'an acknowledgement is answered by nobody; where nothing at all follows a keep-alive, CONNECTION_LOST; the phone is asked to upload a file again: MEDIA_NOT_AVAILABLE after 30 s',
  generateMessageTag: 'asks nothing',
  end: 'asks nothing',
}

/** What changes the account's state at WhatsApp by app state, where Baileys takes a refusal (409) for a success. */
const SWALLOWS_REFUSALS = ['chatModify', 'star', 'addChatLabel', 'addOrEditContact', 'updateProfileName', 'appPatch']

describe('queries of Baileys that nobody answers', () => {
  it('are all in the table, with what is done about silence', () => {
    const folder = join(import.meta.dirname, '..')
    const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
    )
    const text = sources.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n')
    const called = [...text.matchAll(/(?:\bsocket|#live\(\))\??\.(\w+)(?:<[^(]*>)?\(/g)].map(([, name]) => name ?? '')
    const own = ['send', 'terminate']
    expect([...new Set(called)].filter((name) => !own.includes(name)).sort()).toEqual(Object.keys(CALLS).sort())
    expect(called.filter((name) => SWALLOWS_REFUSALS.includes(name))).toEqual([])
  })

  it.each([
    ['resolves to nothing', () => Promise.resolve(undefined)],
    ['reads a field of nothing', () => Promise.reject(new TypeError("Cannot destructure property 'content'"))],
  ])('reject with CONNECTION_LOST where Baileys %s', async (_what, query) => {
    await expect(answered('who is there', query())).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
      message: 'WhatsApp did not answer who is there',
    })
  })

  it('reject with the refusal where there was one', async () => {
    const refusal = Object.assign(new Error('forbidden'), { data: 403 })
    await expect(answered('who is there', Promise.reject(refusal))).rejects.toBe(refusal)
  })

  it('do not make the members of a group, or an address, of silence', async () => {
    const socket = { query: async () => undefined }
    const silent = socket as unknown as WASocket
    const groups = new GroupCache(new ManualClock(), () => undefined)
    await expect(groups.get('1@g.us', silent)).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    const lookup = new NumberLookup(new ManualClock())
    await expect(lookup.find('15550000001@s.whatsapp.net', silent)).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
  })
})

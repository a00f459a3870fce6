import { describe, expect, it } from 'vitest'
import { assembleAccounts, type BaileysDocument } from './baileys-documents.js'

const CREDS = { noiseKey: { private: { type: 'Buffer', data: 'AAA=' } }, signedIdentityKey: {}, me: { id: 'me' } }
const PAIR = { private: { type: 'Buffer', data: 'AQ==' }, public: { type: 'Buffer', data: 'Ag==' } }
const json = JSON.stringify

const inAuth = (...documents: BaileysDocument['document'][]): BaileysDocument[] =>
  documents.map((document) => ({ collection: 'auth', document }))

/** What programs are found to keep, each for the account `shop` with one pre-key. */
const shapes: Record<string, BaileysDocument[]> = {
  'values spread over documents, one collection for an account': [
    { collection: 'shop', document: { _id: 'creds', ...CREDS } },
    { collection: 'shop', document: { _id: 'pre-key-1', ...PAIR } },
  ],
  'values spread over documents behind a prefix': inAuth(
    { _id: 'shop:creds', ...CREDS },
    { _id: 'shop:pre-key-1', ...PAIR },
  ),
  'JSON behind a prefix': inAuth(
    { _id: 'shop_creds', data: json(CREDS), createdAt: new Date(0) },
    { _id: 'shop_pre-key-1', data: json(PAIR) },
  ),
  'JSON behind a prefix that looks like a key type': inAuth(
    { _id: 'session-shop-creds', json: json(CREDS) },
    { _id: 'session-shop-pre-key-1', json: json(PAIR) },
  ),
  'a prefix and the account in a field': inAuth(
    { _id: 'shop::creds', ownerId: 'shop', value: json(CREDS) },
    { _id: 'shop::pre-key-1', ownerId: 'shop', value: json(PAIR) },
  ),
  'account and name in fields': inAuth(
    { _id: { $oid: '1' }, session: 'shop', key: 'creds', value: CREDS },
    { _id: { $oid: '2' }, session: 'shop', key: 'pre-key-1', value: PAIR },
  ),
  'file names in a field': inAuth(
    { sessionId: 'shop', filename: 'creds.json', content: json(CREDS) },
    { sessionId: 'shop', filename: 'pre-key-1.json', content: json(PAIR) },
  ),
  'account and id in fields': inAuth(
    { sessionId: 'shop', id: 'creds', data: json(CREDS) },
    { sessionId: 'shop', id: 'pre-key-1', data: json(PAIR) },
  ),
  'credentials and keys in two collections': [
    { collection: 'authstates', document: { sessionId: 'shop', creds: CREDS } },
    { collection: 'authkeys', document: { sessionId: 'shop', type: 'pre-key', keyId: '1', value: PAIR } },
  ],
  'one document, keys by name': inAuth({ id: 'shop', creds: CREDS, keys: { 'pre-key-1': PAIR } }),
  'one document, keys by type, as JSON': inAuth({
    _id: 'shop',
    creds: json(CREDS),
    keys: json({ 'pre-key': { 1: PAIR } }),
  }),
  'one document, keys as older Baileys called them': inAuth({
    session: 'shop',
    creds: CREDS,
    keys: { preKeys: { 1: PAIR } },
  }),
}

describe('accounts in the documents of other programs', () => {
  it.each(Object.entries(shapes))('%s', (name, documents) => {
    const expected = name.includes('looks like') ? 'session-shop' : 'shop'
    expect(assembleAccounts(documents)).toEqual([
      { name: expected, creds: CREDS, keys: [{ name: 'pre-key-1', value: PAIR }], damaged: [], ignored: [] },
    ])
  })

  it('are told apart, and none gets a key of another', () => {
    const documents = inAuth(
      ...['a', 'b', 'a_2'].flatMap((account) => [
        { _id: `${account}_creds`, value: json({ ...CREDS, me: { id: account } }) },
        { _id: `${account}_pre-key-1`, value: json({ of: account }) },
        { _id: `${account}_session-${account}.0`, value: json({ of: account }) },
      ]),
    )
    const accounts = assembleAccounts(documents)
    expect(accounts.map(({ name }) => name)).toEqual(['a', 'b', 'a_2'])
    for (const { name, creds, keys } of accounts) {
      expect(creds).toMatchObject({ me: { id: name } })
      expect(keys.map((key) => key.name)).toEqual(['pre-key-1', `session-${name}.0`])
      for (const { value } of keys) expect(value).toEqual({ of: name })
    }
  })

  it('keep bytes, texts and lists that were spread over a document', () => {
    const [account] = assembleAccounts(
      inAuth(
        { _id: 'creds', ...CREDS },
        { _id: 'sender-key-g--u--0', type: 'Buffer', data: 'W10=' },
        { _id: 'lid-mapping-1', value: '200' },
        { _id: 'lid-mapping-2', value: json('201') },
        { _id: 'device-list-1', 0: '0', 1: '12' },
      ),
    )
    expect(account?.keys).toEqual([
      { name: 'sender-key-g--u--0', value: { type: 'Buffer', data: 'W10=' } },
      { name: 'lid-mapping-1', value: '200' },
      { name: 'lid-mapping-2', value: '201' },
      { name: 'device-list-1', value: { 0: '0', 1: '12' } },
    ])
  })

  it('name what is damaged, and what is none of Baileys', () => {
    const [account] = assembleAccounts(
      inAuth(
        { _id: 'creds', data: json(CREDS) },
        { _id: 'pre-key-1', data: '{"private":' },
        { _id: 'my-session-list', data: '{}' },
        { _id: 'settings', language: 'es' },
      ),
    )
    expect(account).toMatchObject({ keys: [], damaged: ['pre-key-1'], ignored: ['my-session-list'] })
  })

  it('are none without credentials', () => {
    expect(assembleAccounts(inAuth({ _id: 'pre-key-1', ...PAIR }, { _id: 'creds', data: '{"noise' }))).toEqual([])
  })
})

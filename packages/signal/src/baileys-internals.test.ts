import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MISSING_KEYS_ERROR_TEXT, makeWASocket, type SignalKeyStore } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { baileysParty, silent, TestStore } from '../test/parties.js'
import { bridge, Curve, jidDecode, LIDMappingStore, WAJIDDomains } from './baileys-internals.js'
import { ERROR_TEXTS } from './errors.js'
import { senderKeyName } from './signal-address.js'

/**
 * Every fact of baileys-internals.ts. When one of these fails, a new release of Baileys or of the bridge has changed what
 * this package is built on: look there first, and at nothing else before.
 */
const require = createRequire(import.meta.url)
const baileys = dirname(fileURLToPath(import.meta.resolve('@whiskeysockets/baileys')))

function versionOf(folder: string): string {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version
}

function sourcesOf(folder: string): Array<{ file: string; text: string }> {
  return readdirSync(join(baileys, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.js'))
    .map((file) => ({ file: join(folder, file), text: readFileSync(join(baileys, folder, file), 'utf8') }))
}

/** Files in which Baileys writes this key type, by `keys.set({ type: … })` or `{ 'type': … }`. */
function writersOf(type: string): string[] {
  const written = new RegExp(`keys\\.set\\(\\{\\s*'?${type}'?:`)
  return [...sourcesOf('Socket'), ...sourcesOf('Utils'), ...sourcesOf('Signal')]
    .filter(({ text }) => written.test(text))
    .map(({ file }) => file)
    .sort()
}

describe('the versions this package was built on', () => {
  it('are the ones installed', () => {
    expect(versionOf(join(baileys, '..'))).toBe('7.0.0-rc14')
    expect(versionOf(join(dirname(fileURLToPath(import.meta.resolve('whatsapp-rust-bridge'))), '..'))).toBe('0.5.4')
  })
})

describe('Baileys', () => {
  it('asks for the repository once, while the socket is made, with the live credentials and wrapped keys', async () => {
    const { creds, store } = baileysParty('4915110000001@s.whatsapp.net')
    const keys = store as unknown as SignalKeyStore
    const calls: unknown[][] = []
    const socket = makeWASocket({
      auth: { creds, keys },
      logger: silent as never,
      waWebSocketUrl: 'ws://127.0.0.1:9',
      makeSignalRepository: (...args) => {
        calls.push(args)
        return { close() {}, lidMapping: new LIDMappingStore(args[0].keys as never, args[1] as never) } as never
      },
    })
    const [auth, logger, askServer] = (calls[0] ?? []) as [{ creds: unknown; keys: object }, object, unknown]
    expect(calls).toHaveLength(1)
    expect(auth.creds).toBe(creds)
    expect(auth.keys).not.toBe(keys)
    expect(auth.keys).toHaveProperty('transaction')
    expect(logger).toHaveProperty('debug')
    expect(askServer).toBeTypeOf('function')
    socket.ev.on('connection.update', () => {})
    await socket.end(undefined)
  })

  it('writes sessions itself in messages-recv.js only, and always to delete them', () => {
    expect(writersOf('session')).toEqual(['Signal/libsignal.js', 'Socket/messages-recv.js'])
    const [receiving] = sourcesOf('Socket').filter(({ file }) => file.endsWith('messages-recv.js'))
    const writes = receiving?.text.match(/keys\.set\(\{\s*session:.*/g) ?? []
    expect(writes.length).toBeGreaterThan(0)
    for (const write of writes) expect(write).toContain('{ session: { [sessionId]: null } }')
  })

  it('leaves sender keys, identity keys and mappings to the repository', () => {
    expect(writersOf('sender-key')).toEqual(['Signal/libsignal.js'])
    expect(writersOf('lid-mapping')).toEqual(['Signal/lid-mapping.js'])
    const naming = [...sourcesOf('Socket'), ...sourcesOf('Utils')].filter(({ text }) => text.includes("'identity-key'"))
    expect(naming.map(({ file }) => file)).toEqual([])
  })

  it('has a mapping store that asks of its keys get, set and transaction', async () => {
    const store = new TestStore()
    const asked = new Set<string | symbol>()
    const keys = new Proxy(
      {
        get: (type: string, ids: string[]) => store.get(type, ids),
        set: (changes: Parameters<TestStore['set']>[0]) => store.set(changes),
        transaction: (work: () => Promise<unknown>) => work(),
      },
      {
        get(target, name, receiver) {
          asked.add(name)
          return Reflect.get(target, name, receiver)
        },
      },
    )
    const mapping = new LIDMappingStore(keys as never, silent as never)
    await mapping.storeLIDPNMappings([{ pn: '4915110000001@s.whatsapp.net', lid: '777@lid' }])
    expect(await mapping.getLIDForPN('4915110000001:3@s.whatsapp.net')).toBe('777:3@lid')
    expect([...asked].sort()).toEqual(['get', 'set', 'transaction'])
    expect([...store.values]).toEqual([
      ['lid-mapping|4915110000001', '777'],
      ['lid-mapping|777_reverse', '4915110000001'],
    ])
    mapping.close()
  })

  it('refuses a repeated message without asking for it again by this text', () => {
    expect(ERROR_TEXTS.SIGNAL_DUPLICATE_MESSAGE).toBe(MISSING_KEYS_ERROR_TEXT)
  })

  it('has the JID functions and domains that addresses are made of', () => {
    expect(jidDecode('1_5:7@hosted.lid')).toEqual({ server: 'hosted.lid', user: '1', domainType: 129, device: 7 })
    expect(WAJIDDomains).toMatchObject({ WHATSAPP: 0, LID: 1, HOSTED: 128, HOSTED_LID: 129 })
    expect(senderKeyName('g@g.us', '777:3@lid')).toBe('g@g.us::777_1::3')
  })

  it('keeps its curve functions in one object that can be changed, on keys without the type byte', () => {
    expect(Object.keys(Curve).sort()).toEqual(['generateKeyPair', 'sharedKey', 'sign', 'verify'])
    expect(Object.isFrozen(Curve)).toBe(false)
    const { public: publicKey, private: privateKey } = Curve.generateKeyPair()
    expect([publicKey.length, privateKey.length]).toEqual([32, 32])
    const callers = [...sourcesOf('Socket'), ...sourcesOf('Utils')].filter(({ text }) =>
      /\{[^}]*\}\s*=\s*Curve\b/.test(text),
    )
    expect(callers.map(({ file }) => file)).toEqual([])
  })
})

describe('stock records', () => {
  it('are what libsignal-node of this version writes', () => {
    const libsignal = createRequire(join(baileys, 'index.js')).resolve('libsignal')
    expect(versionOf(dirname(libsignal))).toBe('6.0.0')
  })
})

describe('the bridge', () => {
  const local = () => {
    const identity = bridge.generateIdentityKeyPair()
    return { identity, signedPreKey: bridge.generateSignedPreKey(identity, 1) }
  }
  const bundle = (party: ReturnType<typeof local>) => ({
    registrationId: 5,
    identityKey: party.identity.pubKey,
    signedPreKey: {
      keyId: 1,
      publicKey: party.signedPreKey.keyPair.pubKey,
      signature: party.signedPreKey.signature,
    },
  })

  class Storage implements bridge.SignalStorage {
    record: Uint8Array | undefined
    senderKey: Uint8Array | undefined
    readonly stored: string[] = []
    readonly #party: ReturnType<typeof local>
    constructor(party: ReturnType<typeof local>) {
      this.#party = party
    }
    loadSession = () => this.record
    storeSession = (_address: string, record: bridge.SessionRecord) => {
      this.stored.push(record.constructor.name)
      this.record = record.serialize()
      record.free()
    }
    getOurIdentity = () => this.#party.identity
    getOurRegistrationId = () => 7
    isTrustedIdentity = () => true
    loadPreKey = () => undefined
    removePreKey = () => {}
    loadSignedPreKey = () => this.#party.signedPreKey
    loadSenderKey = () => this.senderKey
    storeSenderKey = (_name: string, record: Uint8Array) => {
      this.stored.push(record.constructor.name)
      this.senderKey = record
    }
  }

  async function pair() {
    const [alice, bob] = [local(), local()]
    const [here, there] = [new Storage(alice), new Storage(bob)]
    await new bridge.SessionBuilder(here, new bridge.ProtocolAddress('bob', 3)).processPreKeyBundle(bundle(bob))
    return { here, there }
  }

  it('works with synchronous callbacks, and hands over session objects and sender-key bytes', async () => {
    const { here } = await pair()
    expect(here.stored).toEqual(['SessionRecord'])
    const name = new bridge.SenderKeyName('group', new bridge.ProtocolAddress('me', 0))
    await new bridge.GroupSessionBuilder(here).create(name)
    expect(here.stored).toEqual(['SessionRecord', 'Uint8Array'])
  })

  it('does not mix the address into the cryptography', async () => {
    const { here, there } = await pair()
    const { type, body } = await new bridge.SessionCipher(here, new bridge.ProtocolAddress('x', 1)).encrypt(
      Buffer.from('hi'),
    )
    expect(type).toBe(3)
    const reader = new bridge.SessionCipher(there, new bridge.ProtocolAddress('y', 2))
    expect(Buffer.from(await reader.decryptPreKeyWhisperMessage(body)).toString()).toBe('hi')
  })

  it('throws strings that name what is missing or repeated', async () => {
    const { here, there } = await pair()
    const address = new bridge.ProtocolAddress('x', 1)
    const { body } = await new bridge.SessionCipher(here, address).encrypt(Buffer.from('hi'))
    await new bridge.SessionCipher(there, address).decryptPreKeyWhisperMessage(body)
    const repeated = new bridge.SessionCipher(there, address).decryptPreKeyWhisperMessage(body)
    await expect(repeated).rejects.toMatch(/DuplicatedMessage/)
    const empty = new bridge.SessionCipher(new Storage(local()), address)
    await expect(empty.encrypt(Buffer.from('hi'))).rejects.toMatch(/SessionNotFound/)
    const noGroup = new bridge.GroupCipher(new Storage(local()), 'group', address)
    await expect(noGroup.encrypt(Buffer.from('hi'))).rejects.toMatch(/sender key state/)
  })

  it('gives public keys with the type byte', () => {
    expect(bridge.generateKeyPair().pubKey).toHaveLength(33)
    expect(bridge.generateKeyPair().pubKey[0]).toBe(5)
  })

  it('can only be imported, not required', () => {
    expect(() => require('whatsapp-rust-bridge')).toThrow()
  })
})

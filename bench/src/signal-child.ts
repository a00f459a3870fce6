// One side of signal.ts: both ends of every conversation are of the same kind, their stores in memory.
import {
  addTransactionCapability,
  Curve,
  generateSignalPubKey,
  initAuthCreds,
  type SignalKeyStore,
  type SocketConfig,
} from '@whiskeysockets/baileys'
import { makeLibSignalRepository } from '@whiskeysockets/baileys/lib/Signal/libsignal.js'
import { pino } from 'pino'
import { createSignalKeys, createSignalRepository, installFastCurve } from '../../packages/signal/src/index.js'
import type { Figure } from './signal.js'

const [side, count] = [process.argv[2], Number(process.argv[3])]
const SAMPLES = 200
const FRESH_PAIRS = 20
const [ANA, BEN, GROUP] = ['15550000001@s.whatsapp.net', '15550000002@s.whatsapp.net', '120363000000000001@g.us']
const logger = pino({ level: 'silent' })
process.on('disconnect', () => process.exit(1))
// libsignal prints session records.
console.info = console.warn = console.error = () => {}
if (side === 'ours') installFastCurve()

function party() {
  const values = new Map<string, string>()
  const revive = (_key: string, value: unknown) =>
    typeof value === 'object' && value !== null && 'base64' in value
      ? Buffer.from(String(value.base64), 'base64')
      : value
  const bytes = (_key: string, value: unknown) => {
    if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString('base64') }
    const shown = value as { type?: string; data?: number[] } | null
    return shown?.type === 'Buffer' ? { base64: Buffer.from(shown.data ?? []).toString('base64') } : value
  }
  const store = {
    get: async (type: string, ids: string[]) => {
      const found: Record<string, unknown> = {}
      for (const id of ids) {
        const text = values.get(`${type}|${id}`)
        if (text !== undefined) found[id] = JSON.parse(text, revive)
      }
      return found
    },
    set: async (changes: Record<string, Record<string, unknown>>) => {
      for (const [type, entries] of Object.entries(changes)) {
        for (const [id, value] of Object.entries(entries)) {
          if (value === null || value === undefined) values.delete(`${type}|${id}`)
          else values.set(`${type}|${id}`, JSON.stringify(value, bytes))
        }
      }
    },
  }
  const creds = initAuthCreds()
  const raw = side === 'ours' ? createSignalKeys(store) : (store as unknown as SignalKeyStore)
  const keys = addTransactionCapability(raw, logger, { maxCommitRetries: 1, delayBetweenTriesMs: 1 })
  const make =
    side === 'ours'
      ? createSignalRepository({ keys: raw })
      : (makeLibSignalRepository as SocketConfig['makeSignalRepository'])
  const sizes = (type: string) =>
    Math.max(0, ...[...values].filter(([key]) => key.startsWith(`${type}|`)).map(([, text]) => text.length))
  return { creds, sizes, repository: make({ creds, keys }, logger) }
}

/** The CPU time of single operations, in µs. The mean has every collection in it that fell into one, the median none. */
class Meter {
  readonly #samples: number[] = []
  async time<T>(operation: () => Promise<T>): Promise<T> {
    const before = process.cpuUsage()
    const value = await operation()
    const { user, system } = process.cpuUsage(before)
    this.#samples.push(user + system)
    return value
  }
  get result(): Figure {
    const median = this.#samples.toSorted((a, b) => a - b)[this.#samples.length >> 1] ?? Number.NaN
    return { median, mean: this.#samples.reduce((sum, sample) => sum + sample, 0) / this.#samples.length }
  }
}

class Meters {
  readonly encrypt = new Meter()
  readonly decrypt = new Meter()
  readonly groupEncrypt = new Meter()
  readonly groupDecrypt = new Meter()
}

/**
 * What a conversation is made of. Each kind alone says what it costs; mixed, the garbage of one kind is collected during the
 * other, and with stock most of it is of groups.
 */
const KINDS = ['1:1 alone', 'groups alone', 'mixed'] as const
type Kind = (typeof KINDS)[number]

const data = Buffer.from('a message of the usual length, more or less')

/** Two accounts that have spoken with each other and share a group in which one of them writes. */
async function acquaintedPair() {
  const [ana, ben] = [party(), party()]
  const { signedPreKey, signedIdentityKey, registrationId } = ben.creds
  await ana.repository.injectE2ESession({
    jid: BEN,
    session: {
      registrationId,
      identityKey: generateSignalPubKey(signedIdentityKey.public),
      signedPreKey: {
        keyId: signedPreKey.keyId,
        publicKey: generateSignalPubKey(signedPreKey.keyPair.public),
        signature: signedPreKey.signature,
      },
    },
  })
  const sender = await ana.repository.encryptGroupMessage({ group: GROUP, meId: ANA, data })
  await ben.repository.processSenderKeyDistributionMessage({
    authorJid: ANA,
    item: { groupId: GROUP, axolotlSenderKeyDistributionMessage: sender.senderKeyDistributionMessage },
  })
  const pair = { ana, ben }
  await talk(pair, { kind: 'mixed', turns: 2, meters: new Meters() })
  return pair
}

/** So many turns, each the answer to the one before, so that each decryption steps the ratchet; in groups one side writes. */
async function talk(pair: Pair, { kind, turns, meters }: { kind: Kind; turns: number; meters: Meters }): Promise<void> {
  for (let index = 0; index < turns; index++) {
    if (kind !== 'groups alone') await answer(pair, index, meters)
    if (kind !== '1:1 alone') await tellGroup(pair, meters)
  }
}

async function answer({ ana, ben }: Pair, index: number, meters: Meters): Promise<void> {
  const [from, to, jidFrom, jidTo] = index % 2 === 0 ? [ana, ben, ANA, BEN] : [ben, ana, BEN, ANA]
  const sent = await meters.encrypt.time(() => from.repository.encryptMessage({ jid: jidTo, data }))
  await meters.decrypt.time(() => to.repository.decryptMessage({ jid: jidFrom, ...sent }))
}

async function tellGroup({ ana, ben }: Pair, meters: Meters): Promise<void> {
  const toAll = await meters.groupEncrypt.time(() =>
    ana.repository.encryptGroupMessage({ group: GROUP, meId: ANA, data }),
  )
  const msg = Buffer.from(toAll.ciphertext)
  await meters.groupDecrypt.time(() => ben.repository.decryptGroupMessage({ group: GROUP, authorJid: ANA, msg }))
}

type Pair = { ana: ReturnType<typeof party>; ben: ReturnType<typeof party> }

const results: Record<string, Figure> = {}

function note(kind: Kind, phase: string, meters: Meters): void {
  if (kind !== 'groups alone') {
    results[`1:1 encrypt, ${kind}, ${phase}`] = meters.encrypt.result
    results[`1:1 decrypt with ratchet step, ${kind}, ${phase}`] = meters.decrypt.result
  }
  if (kind !== '1:1 alone') {
    results[`group encrypt, ${kind}, ${phase}`] = meters.groupEncrypt.result
    results[`group decrypt, ${kind}, ${phase}`] = meters.groupDecrypt.result
  }
}

const sizes = { session: 0, senderKey: 0 }
for (const kind of KINDS) {
  // Warm code first, on a pair of its own: fresh is a property of the records, not of the process.
  await talk(await acquaintedPair(), { kind, turns: 200, meters: new Meters() })

  const fresh = new Meters()
  for (let pair = 0; pair < FRESH_PAIRS; pair++)
    await talk(await acquaintedPair(), { kind, turns: SAMPLES / FRESH_PAIRS, meters: fresh })
  note(kind, 'fresh', fresh)

  const old = await acquaintedPair()
  await talk(old, { kind, turns: count, meters: new Meters() })
  const aged = new Meters()
  await talk(old, { kind, turns: SAMPLES, meters: aged })
  note(kind, `after ${count} messages`, aged)
  for (const { sizes: sizeOf } of [old.ana, old.ben]) {
    sizes.session = Math.max(sizes.session, sizeOf('session'))
    sizes.senderKey = Math.max(sizes.senderKey, sizeOf('sender-key'))
  }
}

const [preKeys, linking] = [new Meter(), new Meter()]
const makePreKeys = async () => {
  for (let index = 0; index < 812; index++) Curve.generateKeyPair()
}
for (let round = 0; round < 5; round++) {
  await preKeys.time(makePreKeys)
  // What linking asks of the curve: new credentials, the phone's signature checked, the device's made, the pre-keys.
  await linking.time(async () => {
    const { signedIdentityKey } = initAuthCreds()
    const signature = Curve.sign(signedIdentityKey.private, data)
    if (!Curve.verify(signedIdentityKey.public, data, signature)) throw new Error('A good signature is refused')
    await makePreKeys()
  })
}
results['812 pre-keys'] = preKeys.result
results['linking a new account'] = linking.result
results['session as JSON, bytes'] = { median: sizes.session, mean: sizes.session }
results['sender key as JSON, bytes'] = { median: sizes.senderKey, mean: sizes.senderKey }
process.send?.(results, undefined, undefined, () => process.exit(0))

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

const [side, count] = [process.argv[2], Number(process.argv[3])]
const SAMPLES = 40
const [ANA, BEN, GROUP] = ['15550000001@s.whatsapp.net', '15550000002@s.whatsapp.net', '120363000000000001@g.us']
const logger = pino({ level: 'silent' })
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
  const keys = addTransactionCapability(raw as SignalKeyStore, logger, { maxCommitRetries: 1, delayBetweenTriesMs: 1 })
  const make =
    side === 'ours'
      ? createSignalRepository({ keys: store })
      : (makeLibSignalRepository as SocketConfig['makeSignalRepository'])
  const sizes = (type: string) =>
    Math.max(0, ...[...values].filter(([key]) => key.startsWith(`${type}|`)).map(([, text]) => text.length))
  return { creds, sizes, repository: make({ creds, keys }, logger) }
}

const results: Record<string, number> = {}
const data = Buffer.from('a message of the usual length, more or less')
const [ana, ben] = [party(), party()]

/** The median CPU time of one operation, in µs. */
class Meter {
  readonly #samples: number[] = []
  async time<T>(operation: () => Promise<T>): Promise<T> {
    const before = process.cpuUsage()
    const value = await operation()
    const { user, system } = process.cpuUsage(before)
    this.#samples.push(user + system)
    return value
  }
  get median(): number {
    return this.#samples.toSorted((a, b) => a - b)[this.#samples.length >> 1] ?? Number.NaN
  }
}

async function turn(index: number, encrypting: Meter, decrypting: Meter) {
  const [from, to, jidFrom, jidTo] = index % 2 ? [ana, ben, ANA, BEN] : [ben, ana, BEN, ANA]
  const sent = await encrypting.time(() => from.repository.encryptMessage({ jid: jidTo, data }))
  await decrypting.time(() => to.repository.decryptMessage({ jid: jidFrom, ...sent }))
}

async function groupTurn(encrypting: Meter, decrypting: Meter) {
  const sent = await encrypting.time(() => ana.repository.encryptGroupMessage({ group: GROUP, meId: ANA, data }))
  const msg = Buffer.from(sent.ciphertext)
  await decrypting.time(() => ben.repository.decryptGroupMessage({ group: GROUP, authorJid: ANA, msg }))
}

async function measure(phase: string) {
  const meters = [new Meter(), new Meter(), new Meter(), new Meter()] as const
  for (let index = 0; index < SAMPLES; index++) {
    await turn(index, meters[0], meters[1])
    await groupTurn(meters[2], meters[3])
  }
  results[`1:1 encrypt, ${phase}`] = meters[0].median
  results[`1:1 decrypt with ratchet step, ${phase}`] = meters[1].median
  results[`group encrypt, ${phase}`] = meters[2].median
  results[`group decrypt, ${phase}`] = meters[3].median
}

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
  } as Parameters<typeof ana.repository.injectE2ESession>[0]['session'],
})
await turn(1, new Meter(), new Meter())
await turn(2, new Meter(), new Meter())
const sender = await ana.repository.encryptGroupMessage({ group: GROUP, meId: ANA, data })
await ben.repository.processSenderKeyDistributionMessage({
  authorJid: ANA,
  item: { groupId: GROUP, axolotlSenderKeyDistributionMessage: sender.senderKeyDistributionMessage },
})
for (let index = 0; index < 20; index++) {
  await turn(index + 1, new Meter(), new Meter())
}
await measure('fresh')
for (let index = 0; index < count; index++) {
  await turn(index + 1, new Meter(), new Meter())
  await groupTurn(new Meter(), new Meter())
}
await measure(`after ${count} messages`)
const preKeys = new Meter()
for (let round = 0; round < 3; round++) {
  await preKeys.time(async () => {
    for (let index = 0; index < 812; index++) Curve.generateKeyPair()
  })
}
results['812 pre-keys'] = preKeys.median
results['session as JSON, bytes'] = Math.max(ana.sizes('session'), ben.sizes('session'))
results['sender key as JSON, bytes'] = Math.max(ana.sizes('sender-key'), ben.sizes('sender-key'))
process.send?.(results, () => process.exit(0))

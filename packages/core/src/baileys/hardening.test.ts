import { readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { deflateSync, inflate } from 'node:zlib'
import {
  decompressingIfRequired,
  downloadHistory,
  encryptedStream,
  proto,
  WA_CERT_DETAILS,
} from '@whiskeysockets/baileys'
import { expect, it, vi } from 'vitest'
import { trunklineSignal } from '../compose/trunkline-signal.js'
import { harden, verifiesSignatures } from './hardening.js'
import { limitsInflation } from './inflate-limit.js'

const { installCurve } = trunklineSignal
const root = (byte: number) => Buffer.alloc(32, byte)
const whatsapp = Buffer.from(WA_CERT_DETAILS.PUBLIC_KEY).toString('hex')
const inForce = () => Buffer.from(WA_CERT_DETAILS.PUBLIC_KEY).toString('hex')

it('trusts one root for all managers of the process, and WhatsApp again after the last of them', () => {
  const [one, other] = [
    harden({ certPublicKey: root(1), installCurve }),
    harden({ certPublicKey: root(1), installCurve }),
  ]
  expect(inForce()).toBe(root(1).toString('hex'))
  expect(() => harden({ installCurve })).toThrow(expect.objectContaining({ code: 'CERT_ROOT_CONFLICT' }))
  one()
  one()
  expect(() => harden({ certPublicKey: root(2), installCurve })).toThrow(
    expect.objectContaining({ code: 'CERT_ROOT_CONFLICT' }),
  )
  other()
  expect(inForce()).toBe(whatsapp)
  harden({ certPublicKey: root(2), installCurve })()
})

it('makes Baileys check signatures', () => {
  const release = harden({ installCurve })
  expect(verifiesSignatures()).toBe(true)
  release()
})

it('bounds what Baileys inflates, and nothing of the host', async () => {
  const release = harden({ installCurve })
  expect(limitsInflation()).toBe(true)
  const bomb = Buffer.concat([Buffer.from([2]), deflateSync(Buffer.alloc(33 * 1024 * 1024))])
  await expect(decompressingIfRequired(bomb)).rejects.toMatchObject({ code: 'ERR_BUFFER_TOO_LARGE' })
  const allowed = Buffer.concat([Buffer.from([2]), deflateSync(Buffer.alloc(1024))])
  expect(await decompressingIfRequired(allowed)).toHaveLength(1024)
  expect(await promisify(inflate)(bomb.subarray(1))).toHaveLength(33 * 1024 * 1024)
  release()
})

it('bounds what a downloaded history becomes, however small it is on its way', async () => {
  const release = harden({ installCurve })
  const download = async (bytes: number) => {
    const part = proto.HistorySync.encode({ syncType: proto.HistorySync.HistorySyncType.RECENT }).finish()
    // A field that no version knows, as long as wanted.
    const filler = Buffer.concat([Buffer.from([0xfa, 0x3e]), lengthOf(bytes), Buffer.alloc(bytes)])
    const deflated = deflateSync(Buffer.concat([part, filler]))
    const { encFilePath, mediaKey } = await encryptedStream(deflated, 'md-msg-hist')
    const sealed = await readFile(encFilePath)
    await rm(encFilePath)
    vi.stubGlobal('fetch', async () => new Response(new Uint8Array(sealed)))
    return downloadHistory({ mediaKey, directPath: '/history' }, {})
  }
  expect((await download(1024)).syncType).toBe(proto.HistorySync.HistorySyncType.RECENT)
  await expect(download(129 * 1024 * 1024)).rejects.toMatchObject({ code: 'ERR_BUFFER_TOO_LARGE' })
  vi.unstubAllGlobals()
  release()
})

/** As protobuf writes a length. */
function lengthOf(bytes: number): Buffer {
  const groups = []
  for (let rest = bytes; rest > 0; rest = Math.floor(rest / 128)) groups.push((rest % 128) | (rest >= 128 ? 128 : 0))
  return Buffer.from(groups)
}

it('does not let the timers that Baileys leaves behind keep the process alive, and leaves those of the host as they are', async () => {
  const before = globalThis.setTimeout
  const [one, other] = [harden({ installCurve }), harden({ installCurve })]
  const timeout = () => 'Pre-key upload timeout'
  const timers = [setTimeout(timeout, 30_000), setTimeout(() => undefined, 30_000)]
  await new Promise<void>((resolve) => {
    timers.push(setTimeout(resolve, 5_000))
    resolve()
  })
  expect(timers.map((timer) => timer.hasRef())).toEqual([false, true, true])
  for (const timer of timers) clearTimeout(timer)
  expect(await promisify(setTimeout)(1, 'value')).toBe('value')
  one()
  expect(globalThis.setTimeout).not.toBe(before)
  other()
  expect(globalThis.setTimeout).toBe(before)
})

it.each([
  ['socket', 'Pre-key upload timeout'],
  ['chats', 'AwaitingInitialSync'],
  ['messages-recv', 'PDO message'],
  ['../Utils/event-buffer', 'Buffer timeout reached'],
  ['../Utils/message-retry-manager', 'phoneRequests'],
])('recognises the timer of Baileys’ %s by what it says', async (file, text) => {
  const release = harden({ installCurve })
  const source = await readFile(createRequire(import.meta.url).resolve(`@whiskeysockets/baileys/lib/Socket/${file}.js`))
  const after = source.toString().split('setTimeout(').slice(1)
  expect(after.some((callback) => callback.slice(0, 300).includes(text))).toBe(true)
  const timer = setTimeout(
    Object.assign(() => undefined, { toString: () => `() => { ${text} }` }),
    30_000,
  )
  expect(timer.hasRef()).toBe(false)
  clearTimeout(timer)
  release()
})

import type { LookupFunction } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebhookReceiver } from '../../test/support/receiver.js'
import { AddressGuard } from '../util/address-guard.js'
import { createHttpSender } from './http-sender.js'

let receiver: WebhookReceiver
beforeEach(async () => {
  receiver = await WebhookReceiver.start()
})
afterEach(() => receiver.close())

/** A resolver of which every name has an address of its own choice, one after the other. */
function resolver(...addresses: string[]) {
  const asked: string[] = []
  const resolve: LookupFunction = (hostname, options, callback) => {
    asked.push(hostname)
    const address = addresses[Math.min(asked.length, addresses.length) - 1] ?? ''
    const family = address.includes(':') ? 6 : 4
    if (options.all) callback(null, [{ address, family }])
    else callback(null, address, family)
  }
  return { asked, resolve }
}

async function post(url: string, { allow, resolve }: { allow: string[]; resolve?: LookupFunction }) {
  const sender = createHttpSender(new AddressGuard(allow), resolve)
  try {
    const { signal } = new AbortController()
    return await sender.post({ url, headers: {}, body: JSON.stringify({ type: 't', data: {} }), signal })
  } finally {
    sender.close()
  }
}

const named = () => receiver.url.replace('127.0.0.1', 'receiver.example')

describe('the sender of webhooks', () => {
  it.each(['127.0.0.1', '10.0.0.7', '169.254.169.254', '::1', '::ffff:127.0.0.1', 'fd00::1'])(
    'does not connect to a name that stands for %s',
    async (address) => {
      const { resolve } = resolver(address)
      expect(await post(named(), { allow: [], resolve })).toEqual({ error: 'The address is not allowed' })
      expect(receiver.received).toEqual([])
    },
  )

  it.each(['127.0.0.1', '2130706433', '0x7f000001', '0177.0.0.1', '127.1', '[::ffff:7f00:1]', 'localhost'])(
    'does not connect to %s, however it is written',
    async (host) => {
      expect(await post(receiver.url.replace('127.0.0.1', host), { allow: [] })).toEqual({
        error: 'The address is not allowed',
      })
      expect(receiver.received).toEqual([])
    },
  )

  it('connects to the address that was looked at: the next answer of the resolver changes nothing', async () => {
    const rebound = resolver('127.0.0.1', '10.0.0.7')
    expect(await post(named(), { allow: ['127.0.0.1'], resolve: rebound.resolve })).toMatchObject({ status: 204 })
    expect(rebound.asked).toEqual(['receiver.example'])
    expect(await post(named(), { allow: ['127.0.0.1'], resolve: rebound.resolve })).toEqual({
      error: 'The address is not allowed',
    })
  })

  it('connects to a name that is allowed, wherever it is', async () => {
    const { resolve } = resolver('127.0.0.1')
    expect(await post(named(), { allow: ['receiver.example'], resolve })).toMatchObject({ status: 204 })
  })

  it('keeps the beginning of an answer, and the status of one that is cut short', async () => {
    receiver.answer = (response) => response.writeHead(200).end('ü'.repeat(5_000))
    const long = await post(receiver.url, { allow: ['127.0.0.1'] })
    expect(long).toEqual({ status: 200, answer: 'ü'.repeat(512) })
    receiver.answer = (response) => {
      response.writeHead(200, { 'content-length': '100' }).write('some')
      setImmediate(() => response.socket?.destroy())
    }
    expect(await post(receiver.url, { allow: ['127.0.0.1'] })).toMatchObject({ status: 200 })
  })

  it('does not follow a redirect', async () => {
    receiver.answer = (response) => response.writeHead(302, { location: receiver.url }).end()
    expect(await post(receiver.url, { allow: ['127.0.0.1'] })).toEqual({ status: 302, answer: '' })
    expect(receiver.received).toHaveLength(1)
  })

  it('ends a request when it is told to', async () => {
    receiver.answer = () => {}
    const sender = createHttpSender(new AddressGuard(['127.0.0.1']))
    const controller = new AbortController()
    const posting = sender.post({ url: receiver.url, headers: {}, body: '{}', signal: controller.signal })
    await receiver.count(1)
    controller.abort(new DOMException('Ended', 'AbortError'))
    expect(await posting).toEqual({ error: 'Ended with the process' })
    sender.close()
  })
})

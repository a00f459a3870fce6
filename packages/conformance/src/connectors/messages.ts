import { expect } from 'vitest'
import type { ConnectorCase } from '../connector-suite.js'
import { times } from '../expectations.js'
import { createCredentials, Listener, openedListener } from './listener.js'

/** Holds up the handlers of messages until it is opened. */
function gateFor(listener: Listener): () => void {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  listener.onEvent = async ({ type }) => {
    if (type === 'messages') await opened
  }
  return open
}

export const connectorMessageCases: ConnectorCase[] = [
  {
    name: 'hands messages on in the order in which they were written, never two events at once',
    async run(backend) {
      const listener = await openedListener(backend)
      const open = gateFor(listener)
      const texts = times(12).map((n) => `text ${n}`)
      await backend.write(texts[0] ?? '')
      await listener.event('messages')
      for (const text of texts.slice(1)) await backend.write(text)
      // An answer to something that was asked after them: they have had the time to overtake, were that possible.
      await listener.connection.probe({ timeoutMs: 30_000 })
      expect(listener.texts).toEqual([['text 0']])
      open()
      await listener.event('messages', ({ inbound }) =>
        inbound.some((one) => 'message' in one && one.message.text === texts.at(-1)),
      )
      expect(listener.texts.flat()).toEqual(texts)
      expect(Math.max(...listener.texts.map(({ length }) => length))).toBeLessThanOrEqual(100)
      expect(listener.overlaps).toEqual([])
      const { inbound } = await listener.event('messages')
      for (const one of inbound)
        if ('message' in one) expect(one.message.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/)
      await listener.connection.close()
    },
  },
  {
    name: 'sends what it has prepared, and tells of the answer of the server although a message is being stored',
    async run(backend) {
      const listener = await openedListener(backend)
      const open = gateFor(listener)
      await backend.write('to be stored')
      await listener.event('messages')
      const { connection } = listener
      const to = (await connection.lookUp(backend.contact))?.lid ?? backend.contact
      const [one, other] = [
        await connection.prepare({ content: { text: 'hello' } }),
        await connection.prepare({ content: { text: 'hello' } }),
      ]
      expect([one.type, one.text]).toEqual(['text', 'hello'])
      expect(one.id).not.toBe(other.id)
      await connection.send({ id: one.id, to, raw: one.raw })
      const ack = await listener.event('ack', ({ id }) => id === one.id)
      expect(ack.error).toBeUndefined()
      await backend.shown('hello')
      open()
      // The contact's phone got it: after the answer of the server, whatever lane is the faster one.
      await listener.event('receipt', ({ ids }) => ids.includes(one.id))
      const types = listener.heard.map(({ type }) => type)
      expect(types.indexOf('ack')).toBeLessThan(types.indexOf('receipt'))
      expect(listener.overlaps).toEqual([])
      await connection.close()
    },
  },
  {
    name: 'tells again what was not settled, as drained, and nothing that was',
    async run(backend) {
      const auth = createCredentials()
      const listener = await openedListener(backend, auth)
      await backend.write('settled')
      const { inbound } = await listener.event('messages')
      for (const { settle } of inbound) await settle?.()
      await backend.write('not settled')
      await listener.event('messages', (event) =>
        event.inbound.some((one) => 'message' in one && one.message.text === 'not settled'),
      )
      await listener.connection.close()
      const next = new Listener(backend, { auth })
      await next.event('open')
      expect(next.texts.flat()).toEqual(['not settled'])
      const again = await next.event('messages')
      expect(again.inbound.map(({ drained }) => drained)).toEqual([true])
      await next.connection.close()
    },
  },
  {
    name: 'knows who is on WhatsApp, and asks the server for signs of life',
    async run(backend) {
      const { connection } = await openedListener(backend)
      expect((await connection.lookUp(backend.contact))?.jid).toBe(backend.contact)
      expect(await connection.lookUp(backend.nobody)).toBeUndefined()
      expect(await connection.probe({ timeoutMs: 30_000 })).toBeGreaterThanOrEqual(0)
      await connection.close()
    },
  },
]

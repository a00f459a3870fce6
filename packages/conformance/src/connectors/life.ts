import { expect } from 'vitest'
import type { ConnectorCase } from '../connector-suite.js'
import { createCredentials, Listener, openedListener } from './listener.js'

export const connectorLifeCases: ConnectorCase[] = [
  {
    name: 'says nothing before connect has returned, and says first whose credentials it found',
    async run(backend) {
      const listener = new Listener(backend, { auth: createCredentials() })
      await listener.event('qr')
      expect(listener.early).toEqual([])
      expect(listener.heard[0]).toEqual({ type: 'credentials', linked: false, loggedIn: false })
      await listener.connection.close()
      expect(listener.heard.at(-1)?.type).toBe('close')
    },
  },
  {
    name: 'links: the credentials are stored before it says so, and the next connection opens with them',
    async run(backend) {
      const auth = createCredentials()
      const linking = new Listener(backend, { auth })
      const { qr, attempt, maxAttempts, lifetimeMs } = await linking.event('qr')
      expect([attempt, maxAttempts >= 1, lifetimeMs > 0]).toEqual([1, true, true])
      let stored: Uint8Array | undefined
      linking.onEvent = async ({ type }) => {
        if (type === 'paired') stored = await auth.readCreds()
      }
      await backend.scanQr(qr)
      const { account } = await linking.event('paired')
      expect(stored).toBeDefined()
      const { close } = await linking.event('close')
      expect(close.cause).toBeUndefined()
      const listener = new Listener(backend, { auth })
      expect(await listener.event('credentials')).toMatchObject({ linked: true, loggedIn: false })
      const open = await listener.event('open')
      expect(open.account.jid).toBe(account.jid)
      if (open.at !== undefined) expect(open.at).toBe(new Date(Date.parse(open.at)).toISOString())
      await listener.connection.close()
    },
  },
  {
    name: 'links no other account than the one it is for, and leaves the credentials as they were',
    async run(backend) {
      const auth = createCredentials()
      const account = { jid: backend.nobody, phone: backend.nobody.slice(0, backend.nobody.indexOf('@')) }
      const listener = new Listener(backend, { auth, account })
      const { qr } = await listener.event('qr')
      const before = await auth.readCreds()
      const scanned = await backend.scanQr(qr).then(
        () => 'linked',
        () => 'refused',
      )
      const { close } = await listener.event('close')
      expect(scanned).toBe('refused')
      expect(close.cause).toMatchObject({ code: 'ACCOUNT_CHANGED' })
      expect(await auth.readCreds()).toEqual(before)
      expect(listener.heard.map(({ type }) => type)).not.toContain('paired')
    },
  },
  {
    name: 'opens no other account than the one it is for, and leaves the credentials as they were',
    async run(backend) {
      const auth = createCredentials()
      await (await openedListener(backend, auth)).connection.close()
      const before = await auth.readCreds()
      const account = { jid: backend.nobody, phone: backend.nobody.slice(0, backend.nobody.indexOf('@')) }
      const listener = new Listener(backend, { auth, account })
      const { close } = await listener.event('close')
      expect(close.cause).toMatchObject({ code: 'ACCOUNT_CHANGED' })
      expect(listener.heard.map(({ type }) => type)).toEqual(['credentials', 'close'])
      expect(await auth.readCreds()).toEqual(before)
    },
  },
  {
    name: 'closes when it is told to, once, with the cause it was given; close is the last event, and is safe twice',
    async run(backend) {
      const listener = await openedListener(backend)
      const cause = new Error('enough')
      let isHandled = false
      listener.onEvent = async ({ type }) => {
        if (type !== 'close') return
        await new Promise((resolve) => setImmediate(resolve))
        isHandled = true
      }
      await Promise.all([listener.connection.close(cause), listener.connection.close()])
      expect(isHandled).toBe(true)
      await listener.connection.close()
      expect(listener.heard.filter(({ type }) => type === 'close')).toEqual([
        { type: 'close', close: expect.objectContaining({ cause }) },
      ])
      expect(listener.heard.at(-1)?.type).toBe('close')
      expect(await listener.connection.probe({ timeoutMs: 1_000 }).catch(() => 'rejected')).toBe('rejected')
    },
  },
  {
    name: 'tells of a line that was cut as a close without a cause of our own',
    async run(backend) {
      const listener = await openedListener(backend)
      await backend.cut()
      const { close } = await listener.event('close')
      expect(close.cause).toBeUndefined()
      expect(listener.heard.filter(({ type }) => type === 'close')).toHaveLength(1)
    },
  },
  {
    name: 'ends when a handler fails: that is the cause, and no other event comes before it',
    async run(backend) {
      const listener = await openedListener(backend)
      const cause = new Error('the store is away')
      listener.onEvent = async ({ type }) => {
        if (type === 'messages') throw cause
      }
      await backend.write('one')
      const { close } = await listener.event('close')
      expect(close.cause).toBe(cause)
      const types = listener.heard.map(({ type }) => type)
      expect(types.slice(types.indexOf('messages'))).toEqual(['messages', 'close'])
    },
  },
]

import { describe, expect, it } from 'vitest'
import { createMemoryStore } from '../memory/memory-store.js'
import { checkedStore } from './checked-store.js'

describe('a checked store', () => {
  const broken = createMemoryStore()
  const outage = new Error('ECONNREFUSED')
  broken.sessions.get = () => Promise.reject(outage)
  broken.auth.readCreds = () => {
    throw new TypeError("Cannot read properties of undefined (reading 'x')")
  }
  broken.events.lastSeq = async () => JSON.parse('{')
  broken.health = () => Promise.reject(outage)
  const store = checkedStore(broken)

  it('tells an outage of any port, and of the store itself, as STORE_UNAVAILABLE with its cause', async () => {
    await expect(store.sessions.get('s')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', cause: outage })
    await expect(store.health()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', cause: outage })
  })

  it('tells a mistake of code and a damaged record as what they are', async () => {
    await expect(store.auth.readCreds('s')).rejects.toMatchObject({ code: 'INTERNAL' })
    await expect(store.events.lastSeq('s')).rejects.toMatchObject({ code: 'STORE_CORRUPT' })
  })

  it('leaves the errors of Trunkline and what is answered as they are', async () => {
    await expect(store.auth.restore('s', 'none', { epoch: 1 })).rejects.toMatchObject({ code: 'ARCHIVE_NOT_FOUND' })
    expect(await store.sessions.list({ limit: 5 })).toEqual({ items: [] })
    expect(store.sessions).toBe(store.sessions)
  })
})

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, LookupFunction } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { AddressGuard } from '../util/address-guard.js'
import { guardedFetch } from './guarded-fetch.js'

// 127.0.0.1 stands for an address of the public internet here, 10.0.0.1 for one inside.
const PUBLIC = '127.0.0.1'
const PRIVATE = '10.0.0.1'

let site: Server
let port: number
let asked: string[]

beforeAll(async () => {
  site = createServer((request, response) => {
    asked.push(`${request.headers.host}${request.url}`)
    if (request.url === '/again') response.writeHead(302, { location: `http://rebinding.example:${port}/` }).end()
    else response.end('a file')
  }).listen(0, PUBLIC)
  await once(site, 'listening')
  port = (site.address() as AddressInfo).port
})
afterAll(() => {
  site.close()
})
beforeEach(() => {
  asked = []
})

/** Resolves a name to one list of addresses after the other, the last one for ever. */
function resolver(...answers: string[][]): LookupFunction & { count: number } {
  const lookup: LookupFunction & { count: number } = (_name, { all }, callback) => {
    const addresses = (answers[Math.min(lookup.count, answers.length - 1)] ?? []).map((address) => ({
      address,
      family: 4,
    }))
    lookup.count += 1
    const [first] = addresses
    if (all) callback(null, addresses)
    else callback(null, first?.address ?? '', first?.family ?? 4)
  }
  lookup.count = 0
  return lookup
}

async function fetched(url: string, lookup: LookupFunction): Promise<string> {
  const { chunks } = await guardedFetch(url, {
    guard: new AddressGuard([PUBLIC]),
    maxBytes: 1_000,
    silenceMs: 5_000,
    lookup,
  })
  let text = ''
  for await (const chunk of chunks) text += String(Buffer.from(chunk))
  return text
}

it('connects to the address that was looked at, whatever the name resolves to a moment later', async () => {
  const lookup = resolver([PUBLIC], [PRIVATE])
  expect(await fetched(`http://rebinding.example:${port}/`, lookup)).toBe('a file')
  expect([lookup.count, asked]).toEqual([1, [`rebinding.example:${port}/`]])
  await expect(fetched(`http://rebinding.example:${port}/`, lookup)).rejects.toMatchObject({ code: 'URL_REFUSED' })
  expect(asked).toHaveLength(1)
})

it('looks again at a name that it is led back to, and refuses it when it is inside by then', async () => {
  const lookup = resolver([PUBLIC], [PRIVATE])
  await expect(fetched(`http://rebinding.example:${port}/again`, lookup)).rejects.toMatchObject({ code: 'URL_REFUSED' })
  expect([lookup.count, asked]).toEqual([2, [`rebinding.example:${port}/again`]])
})

it('refuses a name of which one address is inside', async () => {
  for (const addresses of [
    [PUBLIC, PRIVATE],
    [PRIVATE, PUBLIC],
  ]) {
    const lookup = resolver(addresses)
    await expect(fetched(`http://both.example:${port}/`, lookup)).rejects.toMatchObject({ code: 'URL_REFUSED' })
  }
  expect(asked).toEqual([])
})

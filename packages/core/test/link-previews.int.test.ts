import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo, LookupFunction } from 'node:net'
import { ManualClock } from '@trunkline/conformance/testing'
import type { Phone } from '@trunkline/simulator'
import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createLinkPreviews } from '../src/media/link-previews.js'
import { AddressGuard } from '../src/util/address-guard.js'
import { systemClock } from '../src/util/system-clock.js'
import { Live, type LiveManager } from './support/live.js'

const BEN = '15550000002'
const PAGE = `<meta property="og:title" content="Tea"><meta property="og:description" content="Every day">
  <meta property="og:image" content="/tea.png">`

let site: Server
let base: string
let picture: Buffer
const asked: string[] = []

const ANSWERS: Record<string, RequestListener> = {
  '/tea': (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE),
  '/tea.png': (_, response) => response.writeHead(200, { 'content-type': 'image/png' }).end(picture),
  '/moved': (_, response) => response.writeHead(302, { location: '/tea' }).end(),
  '/inside': (_, response) => response.writeHead(302, { location: 'http://10.0.0.1/tea' }).end(),
  '/latin': (_, response) =>
    response
      .writeHead(200, { 'content-type': 'text/html; charset=iso-8859-1' })
      .end(Buffer.from('<title>año</title>', 'latin1')),
  '/long': (_, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<title>Long</title>${' '.repeat(3_000_000)}`),
  '/picture-inside': (_, response) =>
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end('<title>T</title><meta property="og:image" content="http://169.254.169.254/tea.png">'),
  '/no-picture': (_, response) =>
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end('<title>T</title><meta property="og:image" content="/tea">'),
  '/file': (_, response) => response.writeHead(200, { 'content-type': 'application/pdf' }).end('<title>no</title>'),
  '/untitled': (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>hi'),
  '/silent': () => {},
}

beforeAll(async () => {
  const background = { r: 200, g: 30, b: 30 }
  picture = await sharp({ create: { width: 900, height: 600, channels: 3, background } })
    .png()
    .toBuffer()
  site = createServer((request, response) => {
    asked.push(request.url ?? '')
    const answer = ANSWERS[request.url ?? '']
    if (answer) answer(request, response)
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
})

afterAll(() => {
  site.closeAllConnections()
  site.close()
})

beforeEach(() => {
  asked.length = 0
})

describe('the page that a text leads to', () => {
  const previews = createLinkPreviews({ guard: new AddressGuard(['127.0.0.1']), clock: systemClock })

  it('is shown with title, words and a small picture, also where it has moved to', async () => {
    for (const path of ['/tea', '/moved']) {
      const { thumbnail, ...words } = (await previews.of(`look: ${base}${path}!`)) ?? {}
      expect(words).toEqual({ url: `${base}${path}`, title: 'Tea', description: 'Every day' })
      expect(await sharp(thumbnail).metadata()).toMatchObject({ format: 'jpeg', width: 192, height: 128 })
    }
  })

  it('is read in its own characters, and not to the end of a long one', async () => {
    expect(await previews.of(`${base}/latin`)).toMatchObject({ title: 'año' })
    expect(await previews.of(`${base}/long`)).toMatchObject({ title: 'Long' })
  })

  it.each(['/file', '/untitled', '/nothing'])('is left out where it says nothing: %s', async (path) => {
    expect(await previews.of(`${base}${path}`)).toBeUndefined()
  })

  it.each(['/picture-inside', '/no-picture'])('is shown without a picture that is none: %s', async (path) => {
    expect(await previews.of(`${base}${path}`)).toEqual({ url: `${base}${path}`, title: 'T' })
  })

  it('is waited for a bounded time, by the clock that was passed in', async () => {
    const clock = new ManualClock()
    const waiting = createLinkPreviews({ guard: new AddressGuard(['127.0.0.1']), clock, timeoutMs: 2_000 })
    const arrived = new Promise((resolve) => site.once('request', resolve))
    const preview = waiting.of(`${base}/silent`)
    await arrived
    await clock.advance(2_000)
    expect(await preview).toBeUndefined()
    expect(clock.pending).toBe(0)
  })

  describe('is never fetched inside', () => {
    const port = () => (site.address() as AddressInfo).port
    const strict = (lookup?: LookupFunction) =>
      createLinkPreviews({ guard: new AddressGuard(), clock: systemClock, ...(lookup ? { lookup } : {}) })

    it.each([
      ['literal', () => `http://127.0.0.1:${port()}/tea`],
      ['of another private network', () => `http://192.168.0.1:${port()}/tea`],
      ['of the cloud', () => 'http://169.254.169.254/latest/meta-data'],
      ['encoded as one number', () => `http://2130706433:${port()}/tea`],
      ['encoded in hex', () => `http://0x7f.1:${port()}/tea`],
      ['encoded in octal', () => `http://0177.0.0.1:${port()}/tea`],
      ['escaped', () => `http://%31%32%37.0.0.1:${port()}/tea`],
      ['mapped into IPv6', () => `http://[::ffff:127.0.0.1]:${port()}/tea`],
      ['of IPv6', () => `http://[::1]:${port()}/tea`],
      ['by name', () => `http://localhost:${port()}/tea`],
      ['with a user', () => `http://a:b@127.0.0.1:${port()}/tea`],
      ['of a file', () => 'file:///etc/passwd'],
    ])('by an address that is %s', async (_, url) => {
      expect(await strict().of(url())).toBeUndefined()
      expect(asked).toEqual([])
    })

    it('by a name that resolves to an address inside', async () => {
      const inside: LookupFunction = (_name, options, callback) =>
        options.all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4)
      expect(await strict(inside).of(`http://tea.example:${port()}/tea`)).toBeUndefined()
      expect(asked).toEqual([])
    })

    it('by a page that leads inside', async () => {
      expect(await previews.of(`${base}/inside`)).toBeUndefined()
      expect(asked).toEqual(['/inside'])
    })
  })
})

describe('a text with a link', () => {
  let live: Live
  let trunk: LiveManager
  let own: Phone
  let ben: Phone

  beforeAll(async () => {
    live = await Live.start('link previews')
    own = await live.phone('15550000001', 'Ana')
    ben = await live.phone(BEN, 'Ben')
    trunk = live.manager({ urlAllow: ['127.0.0.1'] })
    await trunk.link('s', own)
  })

  afterAll(() => live[Symbol.asyncDispose]())

  const send = (text: string, options: { linkPreview?: boolean } = { linkPreview: true }) =>
    trunk.manager.session('s').messages.send({ to: BEN, text, ...options })

  it('is shown with the page on every phone, and stored with it', async () => {
    const text = `look: ${base}/tea`
    const sent = await send(text)
    const preview = { url: `${base}/tea`, title: 'Tea', description: 'Every day' }
    expect(sent).toMatchObject({ type: 'text', text, status: 'sent', preview })
    expect(sent.preview?.thumbnail).toMatch(/^data:image\/jpeg;base64,/)
    for (const phone of [own, ben]) {
      const { message } = await phone.waitForMessage({ id: sent.id })
      const { matchedText, title, description, jpegThumbnail } = message.extendedTextMessage ?? {}
      expect({ url: matchedText, title, description }).toEqual(preview)
      expect(await sharp(jpegThumbnail ?? undefined).metadata()).toMatchObject({ format: 'jpeg' })
    }
    const stored = await trunk.manager.session('s').messages.get({ id: sent.id })
    expect(stored.preview).toEqual(sent.preview)
  })

  it('is sent without a page that cannot be fetched, and asks nobody unless that is wanted', async () => {
    for (const [text, options] of [
      [`see ${base}/nothing`, { linkPreview: true }],
      ['see http://10.0.0.1/tea', { linkPreview: true }],
      ['see file:///etc/passwd', { linkPreview: true }],
      ['no link', { linkPreview: true }],
      [`see ${base}/tea`, { linkPreview: false }],
      [`see ${base}/tea`, {}],
    ] as const) {
      const sent = await send(text, options)
      expect(sent).toMatchObject({ text, status: 'sent' })
      expect(sent).not.toHaveProperty('preview')
      const { message } = await ben.waitForMessage({ id: sent.id })
      expect(message.extendedTextMessage).toMatchObject({ text })
      expect(message.extendedTextMessage?.matchedText ?? null).toBeNull()
    }
    expect(asked).toEqual(['/nothing'])
  })

  it('of somebody else is stored with what they show of the page, until they write something else', async () => {
    const jpegThumbnail = Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.alloc(9_000, 7)])
    const extendedTextMessage = {
      text: 'https://a.example',
      matchedText: 'https://a.example',
      title: 'A',
      jpegThumbnail,
    }
    const { id } = await ben.send('15550000001', { extendedTextMessage })
    const { message } = await trunk.heardEvent('message', 's', (heard) => heard.message.id === id)
    const thumbnail = `data:image/jpeg;base64,${jpegThumbnail.toString('base64')}`
    expect(message.preview).toEqual({ url: 'https://a.example', title: 'A', thumbnail })
    await ben.editText(id, 'never mind')
    const edited = await trunk.heardEvent('message.edited', 's', (heard) => heard.message.id === id)
    expect(edited.message).toMatchObject({ text: 'never mind' })
    expect(edited.message).not.toHaveProperty('preview')
  })
})

import { readdirSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Phone } from '@trunkline/simulator'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MediaContent, Message } from '../src/index.js'
import { Live, type LiveManager } from './support/live.js'
import { oggOpus } from './support/ogg-opus.js'

const TO = '15550000002'
const FILE = Buffer.from('a file of more than one block of sixteen bytes, '.repeat(20_000))

const PNG_SIGN = Buffer.from('\x89PNG and no film at all', 'latin1')

describe('files that are sent', () => {
  let live: Live
  let manager: LiveManager
  let own: Phone
  let ben: Phone
  let site: Server
  let picture: Buffer
  const asked: string[] = []
  const before = process.env.TMPDIR
  let temporary: string

  beforeAll(async () => {
    temporary = await mkdtemp(join(tmpdir(), 'media-out-'))
    process.env.TMPDIR = temporary
    live = await Live.start('media out')
    own = await live.phone('15550000001', 'Ana')
    ben = await live.phone(TO, 'Ben')
    manager = live.manager({ mediaSilenceMs: 1_000, urlAllow: ['127.0.0.1'] })
    await manager.link('s', own)
    const background = { r: 200, g: 30, b: 30 }
    picture = await sharp({ create: { width: 300, height: 200, channels: 3, background } })
      .png()
      .toBuffer()
    site = createServer((request, response) => {
      asked.push(request.url ?? '')
      if (request.url === '/away') response.writeHead(302, { location: 'http://10.0.0.1/secret' }).end()
      else response.writeHead(200, { 'content-type': 'image/png' }).end(picture)
    })
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  })
  afterAll(async () => {
    site.close()
    await live[Symbol.asyncDispose]()
    expect(readdirSync(temporary)).toEqual([])
    await rm(temporary, { recursive: true })
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
  })

  it('as a picture come with size and small picture, and both phones hold the same bytes', async () => {
    const message = await send({ type: 'image', media: { data: picture.toString('base64') }, caption: 'look' })
    expect(message).toMatchObject({
      type: 'image',
      text: 'look',
      status: 'sent',
      media: { mimetype: 'image/png', bytes: picture.length, width: 300, height: 200, caption: 'look' },
    })
    expect(message.media?.thumbnail).toMatch(/^data:image\/jpeg;base64,/)
    await arrived(message, picture)
  })

  it.each([
    [
      'a document with its name',
      { type: 'document', media: { data: FILE, fileName: 'año.pdf' }, caption: 'read' },
      { fileName: 'año.pdf', caption: 'read' },
    ],
    [
      'a film to be seen once',
      { type: 'video', media: { data: FILE, mimetype: 'video/mp4' }, viewOnce: true },
      { viewOnce: true },
    ],
    ['a GIF', { type: 'video', media: { data: FILE, mimetype: 'video/mp4' }, gif: true }, { gif: true }],
    [
      'a video note',
      { type: 'video', media: { data: FILE, mimetype: 'video/mp4' }, videoNote: true },
      { videoNote: true },
    ],
    ['sound', { type: 'audio', media: { data: FILE, mimetype: 'audio/mpeg' } }, { mimetype: 'audio/mpeg' }],
  ] as [string, MediaContent, object][])('as %s arrive as that', async (_, content, told) => {
    const message = await send(content)
    expect(message).toMatchObject({ type: content.type, status: 'sent', media: told })
    await arrived(message, FILE)
  })

  it('as a stream are read once, and not kept in memory', async () => {
    async function* chunks() {
      for (let at = 0; at < FILE.length; at += 10_000) yield FILE.subarray(at, at + 10_000)
    }
    const message = await send({ type: 'document', media: { stream: chunks(), fileName: 'a.bin' } })
    await arrived(message, FILE)
  })

  it('as a voice note are sent as they are, with length and bars', async () => {
    const voice = oggOpus(2.5)
    const message = await send({ type: 'voice', media: { data: voice } })
    expect(message).toMatchObject({ type: 'voice', media: { seconds: 3, mimetype: 'audio/ogg; codecs=opus' } })
    expect(message.media?.waveform).toHaveLength(64)
    expect(Math.max(...(message.media?.waveform ?? []))).toBe(100)
    await arrived(message, voice)
  })

  it('as a sticker become WebP', async () => {
    const message = await send({ type: 'sticker', media: { data: picture } })
    expect(message).toMatchObject({ type: 'sticker', media: { mimetype: 'image/webp', width: 512, height: 512 } })
    const { id } = await ben.waitForMessage({ id: message.id })
    expect((await sharp(await ben.fileOf(id)).metadata()).format).toBe('webp')
  })

  it('as a voice note of anything else are made by ffmpeg, or refused with the reason', async () => {
    const content: MediaContent = { type: 'voice', media: { data: FILE, mimetype: 'audio/mpeg' } }
    const path = process.env.PATH
    const folder = await mkdtemp(join(tmpdir(), 'ffmpeg-'))
    try {
      process.env.PATH = join(folder, 'empty')
      await mkdir(process.env.PATH)
      await expect(send(content)).rejects.toMatchObject({
        code: 'UNSUPPORTED_MEDIA_TYPE',
        message: expect.stringContaining('ffmpeg has to be on the PATH'),
      })
      // It is called as ffmpeg is, and writes a voice note to its last argument.
      await writeFile(join(folder, 'note.ogg'), oggOpus(1))
      const script = `#!${process.execPath}\nrequire('fs').copyFileSync(${JSON.stringify(join(folder, 'note.ogg'))}, process.argv.at(-1))\n`
      await writeFile(join(folder, 'ffmpeg'), script)
      await chmod(join(folder, 'ffmpeg'), 0o755)
      process.env.PATH = [folder, path].join(delimiter)
      const message = await send(content)
      expect(message).toMatchObject({ type: 'voice', media: { seconds: 1, mimetype: 'audio/ogg; codecs=opus' } })
      await arrived(message, oggOpus(1))
    } finally {
      process.env.PATH = path
      await rm(folder, { recursive: true })
    }
  })

  it('are fetched from a URL that is allowed', async () => {
    const message = await send({ type: 'image', media: { url: `${siteUrl()}/a.png` } })
    await arrived(message, picture)
  })

  it.each([
    ['a redirect to an inside address', () => `${siteUrl()}/away`],
    ['a private address', () => 'http://192.168.1.1/'],
    ['an encoded address', () => 'http://0x7f.1.1.1/'],
    ['a decimal address', () => 'http://167772161/'],
    ['a mapped address', () => 'http://[::ffff:10.0.0.1]/'],
    ['a NAT64 address', () => 'http://[64:ff9b::a00:1]/'],
    ['a metadata address', () => 'http://169.254.169.254/latest/meta-data'],
    ['a local name', () => 'http://localhost/'],
    ['a file', () => 'file:///etc/passwd'],
    ['a user in the URL', () => 'http://me:secret@127.0.0.1/'],
  ])('are not fetched from %s, and nothing is sent', async (_, url) => {
    const before = ben.messages.length
    await expect(send({ type: 'image', media: { url: url() } })).rejects.toMatchObject({ code: 'URL_REFUSED' })
    expect(ben.messages.length).toBe(before)
  })

  it.each([
    ['an empty file', { data: Buffer.alloc(0) }, 'VALIDATION_FAILED', 'media'],
    ['a picture', { data: PNG_SIGN, mimetype: 'video/mp4' }, 'UNSUPPORTED_MEDIA_TYPE', 'media'],
    ['a text', { data: FILE, mimetype: 'text/plain' }, 'UNSUPPORTED_MEDIA_TYPE', 'media'],
  ])('as a film are refused by name when it is %s, and nothing is sent', async (_, media, code, field) => {
    const before = ben.messages.length
    const details = code === 'VALIDATION_FAILED' ? { errors: [{ field }] } : { field }
    await expect(send({ type: 'video', media })).rejects.toMatchObject({ code, details })
    expect(ben.messages.length).toBe(before)
  })

  it('as a picture come as one, also when whoever gave it calls it a file', async () => {
    const media = { data: picture, mimetype: 'application/octet-stream' }
    const { id } = await send({ type: 'image', media })
    const { message } = await ben.waitForMessage({ id })
    expect(message.imageMessage?.mimetype).toBe('image/png')
  })

  it('that are too large for their type are refused, and nothing is sent', async () => {
    const data = Buffer.alloc(1024 * 1024 + 1, 1)
    await expect(send({ type: 'sticker', media: { data } })).rejects.toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      message: expect.stringMatching(/^media: .*sticker/),
    })
  })

  it('that no host takes leave no message behind, and can be sent again', async () => {
    const before = (await manager.manager.session('s').messages.list()).items.length
    live.simulator.faults.media({ direction: 'upload' }, { do: 'status', status: 500 }, { times: 2 })
    const content: MediaContent = { type: 'document', media: { data: FILE } }
    await expect(send(content)).rejects.toMatchObject({ code: 'MEDIA_UPLOAD_FAILED', retryable: true })
    expect((await manager.manager.session('s').messages.list()).items).toHaveLength(before)
    await arrived(await send(content), FILE)
  })

  it.each([
    ['cuts the connection', { do: 'cut' }],
    ['falls silent', { do: 'stall' }],
    ['closes its side', { do: 'half-close' }],
  ] as const)('go to the next host when the first one %s', async (_, fault) => {
    live.simulator.faults.media({ direction: 'upload', host: 0 }, fault, { times: 1 })
    await arrived(await send({ type: 'document', media: { data: FILE } }), FILE)
  })

  it.each([
    ['fall silent', { do: 'stall' }],
    ['close their side', { do: 'half-close' }],
  ] as const)('are given up in bounded time when all hosts %s, and can be sent again', async (_, fault) => {
    live.simulator.faults.media({ direction: 'upload' }, fault, { times: 2 })
    const content: MediaContent = { type: 'document', media: { data: FILE } }
    await expect(send(content)).rejects.toMatchObject({ code: 'MEDIA_UPLOAD_FAILED', retryable: true })
    await arrived(await send(content), FILE)
  })

  it('are sent once under one id, whichever way the bytes come; other bytes are another request', async () => {
    const once = { clientMessageId: 'once', type: 'document' as const }
    const first = await send({ ...once, media: { data: FILE } })
    const uploads = live.simulator.mediaRequests.length
    expect((await send({ ...once, media: { data: FILE.toString('base64') } })).id).toBe(first.id)
    expect(live.simulator.mediaRequests.length).toBe(uploads)
    await expect(send({ ...once, media: { data: picture } })).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' })
  })

  it('from a URL are not fetched again for a repeat', async () => {
    const content = { clientMessageId: 'url', type: 'image' as const, media: { url: `${siteUrl()}/once.png` } }
    const first = await send(content)
    expect((await send(content)).id).toBe(first.id)
    expect(asked.filter((url) => url === '/once.png')).toHaveLength(1)
  })

  const siteUrl = () => `http://127.0.0.1:${(site.address() as AddressInfo).port}`

  function send(content: MediaContent & { clientMessageId?: string }): Promise<Message> {
    return manager.manager.session('s').messages.send({ to: TO, ...content })
  }

  async function arrived({ id }: Message, file: Buffer): Promise<void> {
    await ben.waitForMessage({ id })
    await own.waitForMessage({ id })
    expect((await ben.fileOf(id)).equals(file)).toBe(true)
    expect((await own.fileOf(id)).equals(file)).toBe(true)
  }
})

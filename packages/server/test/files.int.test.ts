import { once } from 'node:events'
import { createReadStream, openAsBlob, readdirSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type Client, createClient } from '@trunkline/client'
import { type Phone, type Simulator, startSimulator } from '@trunkline/simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { declaredFetchOf } from '../../api/test/support/declared.js'
import { oggOpus } from '../../core/test/support/ogg-opus.js'
import { type RunningServer, startServer } from '../src/index.js'

// Files from the typed client over REST to phones, whose decrypted bytes are compared.

const CREDENTIALS = { email: 'ada@example.org', password: 'correct horse battery' }
const BEN = '15550000002'
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
)
const FILE = Buffer.from('a file of more than one chunk, '.repeat(10_000))

let simulator: Simulator
let ana: Phone
let ben: Phone
let server: RunningServer
let client: Client
let folder: string
let group: string
const temporary = process.env.TMPDIR

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trunkline-files-'))
  process.env.TMPDIR = await mkdtemp(join(folder, 'temporary-'))
  simulator = await startSimulator({ seed: 'files' })
  ana = await simulator.createPhone({ number: '15550000001', name: 'Ana' })
  ben = await simulator.createPhone({ number: BEN, name: 'Ben' })
  server = await startServer({
    STORE: 'memory',
    PORT: '0',
    LOG_LEVEL: 'silent',
    JWT_SECRET: 'a-secret-of-at-least-thirty-two-bytes!',
    ADMIN_EMAIL: CREDENTIALS.email,
    ADMIN_PASSWORD: CREDENTIALS.password,
    WA_WEB_SOCKET_URL: simulator.url,
    WA_CERT_PUBLIC_KEY: simulator.rootPublicKey.toString('hex'),
    WA_MEDIA_CERT: simulator.mediaCertificate.replaceAll('\n', '\\n'),
    URL_ALLOW: '127.0.0.1',
  })
  const baseUrl = `${server.url}/api`
  client = createClient({ baseUrl, fetch: declaredFetchOf(baseUrl) })
  await client.signIn(CREDENTIALS)
  const connected = new Promise<void>((resolve) => {
    server.manager.on('qr', ({ qr }) => ana.scanQr(qr))
    server.manager.on('connected', ({ status }) => status === 'connected' && resolve())
  })
  await client.sessions.create({ id: 'ana' })
  await connected
  group = (await client.groups.create('ana', { subject: 'Team', participants: [BEN] })).group.id
})
afterAll(async () => {
  client?.close()
  await server?.close()
  const { unhandled, violations } = simulator
  await simulator?.close()
  expect({ unhandled, violations }).toEqual({ unhandled: [], violations: [] })
  // Whatever went out, or did not, has left nothing behind.
  expect(readdirSync(process.env.TMPDIR ?? '')).toEqual([])
  if (temporary === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = temporary
  await rm(folder, { recursive: true })
})

async function expectArrived({ id }: { id: string }, file: Uint8Array): Promise<void> {
  await ben.waitForMessage({ id })
  expect((await ben.fileOf(id)).equals(file)).toBe(true)
  const kept = await client.messages.getMedia('ana', id)
  expect(Buffer.from(await kept.arrayBuffer()).equals(file)).toBe(true)
}

const MP4 = { mimetype: 'video/mp4' }
type Body = Parameters<Client['messages']['send']>[1]

const TYPES: [string, Uint8Array, (to: string, file: Blob) => Body, object][] = [
  [
    'a picture with a caption',
    PNG,
    (to, file) => ({ to, type: 'image', media: { file, mimetype: 'image/png' }, caption: 'Ein Bär 🐻' }),
    { type: 'image', text: 'Ein Bär 🐻', media: { mimetype: 'image/png', width: 1, height: 1 } },
  ],
  [
    'a picture to be seen once',
    PNG,
    (to, file) => ({ to, type: 'image', media: { file }, viewOnce: true }),
    { type: 'image', media: { viewOnce: true, mimetype: 'image/png' } },
  ],
  ['a film', FILE, (to, file) => ({ to, type: 'video', media: { file, ...MP4 } }), { type: 'video', media: MP4 }],
  [
    'a GIF',
    FILE,
    (to, file) => ({ to, type: 'video', media: { file, ...MP4 }, gif: true }),
    { type: 'video', media: { gif: true } },
  ],
  [
    'a video note',
    FILE,
    (to, file) => ({ to, type: 'video', media: { file, ...MP4 }, videoNote: true }),
    { type: 'video', media: { videoNote: true } },
  ],
  [
    'a document',
    FILE,
    (to, file) => ({ to, type: 'document', media: { file, fileName: 'año "1".pdf', mimetype: 'application/pdf' } }),
    { type: 'document', media: { fileName: 'año "1".pdf', mimetype: 'application/pdf' } },
  ],
  [
    'sound',
    FILE,
    (to, file) => ({ to, type: 'audio', media: { file, mimetype: 'audio/mpeg' } }),
    { type: 'audio', media: { mimetype: 'audio/mpeg' } },
  ],
  [
    'a voice note',
    oggOpus(2),
    (to, file) => ({ to, type: 'voice', media: { file } }),
    { type: 'voice', media: { seconds: 2, mimetype: 'audio/ogg; codecs=opus' } },
  ],
]

describe.each(TYPES)('%s', (_, bytes, content, told) => {
  it.each(['a person', 'a group'])('arrives as that, byte by byte, at %s', async (whom) => {
    const to = whom === 'a group' ? group : BEN
    const message = await client.messages.send('ana', content(to, new Blob([bytes as Uint8Array<ArrayBuffer>])))
    expect(message).toMatchObject({ status: 'sent', ...told })
    await expectArrived(message, bytes)
  })
})

describe('a file', () => {
  const document = (media: object) => client.messages.send('ana', { to: BEN, type: 'document', media } as Body)

  it('is taken from whatever holds it', async () => {
    const path = join(folder, 'a.bin')
    await writeFile(path, FILE)
    await expectArrived(await document({ file: FILE }), FILE)
    await expectArrived(await document({ file: await openAsBlob(path) }), FILE)
    await expectArrived(await document({ file: createReadStream(path) }), FILE)
    await expectArrived(await document({ file: Readable.toWeb(createReadStream(path)) }), FILE)
    await expectArrived(await document({ data: FILE.toString('base64') }), FILE)
    const named = await document({ file: new File([FILE], 'Bär.txt', { type: 'text/plain' }) })
    expect(named).toMatchObject({ media: { fileName: 'Bär.txt', mimetype: 'text/plain' } })
  })

  it('is fetched from a URL that is allowed, and from no other', async () => {
    const site: Server = createServer((_, response) => response.end(FILE)).listen(0, '127.0.0.1')
    await once(site, 'listening')
    try {
      const { port } = site.address() as AddressInfo
      await expectArrived(await document({ url: `http://127.0.0.1:${port}/` }), FILE)
      await expect(document({ url: `http://[::1]:${port}/` })).rejects.toMatchObject({ code: 'URL_REFUSED' })
    } finally {
      site.close()
    }
  })

  it('with mentions in a group and a quote of it is one message', async () => {
    const first = await client.messages.send('ana', { to: group, type: 'document', media: { file: FILE } })
    const quotedMessageId = first.id
    const shared = { to: group, type: 'image', media: { file: PNG }, quotedMessageId } as const
    const some = await client.messages.send('ana', { ...shared, caption: '@15550000002', mentions: [BEN] })
    expect(some).toMatchObject({ quotedMessageId, mentions: [expect.stringContaining('@')] })
    const all = await client.messages.send('ana', { ...shared, mentions: 'everyone' })
    expect(all.everyone).toBe(true)
    await expectArrived(all, PNG)
  })

  it('is sent once under one key, whichever way it comes; another file under the key is another message', async () => {
    const send = (media: object) =>
      client.messages.send('ana', { to: BEN, type: 'document', media } as Body, {
        idempotencyKey: 'offer',
      })
    const mimetype = 'text/plain'
    const first = await send({ file: FILE, mimetype })
    expect((await send({ file: Readable.from([FILE]), mimetype })).id).toBe(first.id)
    expect((await send({ data: FILE.toString('base64'), mimetype })).id).toBe(first.id)
    await expect(send({ file: PNG, mimetype })).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' })
    await expectArrived(first, FILE)
  })

  it('that is too large, is none of its type or needs what is not there is refused with the reason', async () => {
    const sticker = { to: BEN, type: 'sticker', media: { file: Buffer.alloc(1024 * 1024 + 1, 1) } } as const
    await expect(client.messages.send('ana', sticker)).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' })
    const image = { to: BEN, type: 'image', media: { file: FILE } } as const
    await expect(client.messages.send('ana', image)).rejects.toMatchObject({ code: 'UNSUPPORTED_MEDIA_TYPE' })
    const path = process.env.PATH
    try {
      process.env.PATH = join(folder, 'nothing')
      const voice = { to: BEN, type: 'voice', media: { file: FILE } } as const
      await expect(client.messages.send('ana', voice)).rejects.toMatchObject({
        code: 'UNSUPPORTED_MEDIA_TYPE',
        message: expect.stringContaining('ffmpeg'),
      })
    } finally {
      process.env.PATH = path
    }
  })

  it('that WhatsApp does not take leaves no message behind, and goes the next time', async () => {
    simulator.faults.media({ direction: 'upload' }, { do: 'status', status: 500 }, { times: 2 })
    await expect(document({ file: FILE })).rejects.toMatchObject({ code: 'MEDIA_UPLOAD_FAILED', status: 502 })
    await expectArrived(await document({ file: FILE }), FILE)
  })

  it('for a session that is not connected is refused before it is read, however large it is', async () => {
    await client.sessions.create({ id: 'idle', start: false })
    let read = 0
    async function* endless() {
      for (; read < 400; read += 1) yield Buffer.alloc(64 * 1024)
    }
    const media = { file: endless() }
    const sending = client.messages.send('idle', { to: BEN, type: 'document', media })
    await expect(sending).rejects.toMatchObject({ code: 'SESSION_NOT_CONNECTED' })
  })

  it.each([
    ['a field that its type does not have', { type: 'sticker', caption: 'x' }, 'caption'],
    ['a flag that is none', { type: 'image', viewOnce: 'yes' }, 'viewOnce'],
    ['no type', {}, 'type'],
    ['a type without a file', { type: 'text' }, 'type'],
    ['nobody to go to', { type: 'image', to: ' ' }, 'to'],
  ])('with %s is refused by the name of the field', async (_, fields, field) => {
    const form = new FormData()
    for (const [name, value] of Object.entries({ to: BEN, ...fields })) form.append(name, value)
    form.append('file', new Blob([PNG], { type: 'image/png' }), 'a.png')
    expect(await errorsOf(form)).toEqual([field])
  })

  it('that stands before a field is refused by the name of the field', async () => {
    const form = new FormData()
    form.append('to', BEN)
    form.append('type', 'document')
    form.append('file', new Blob([FILE]), 'a.bin')
    form.append('caption', 'late')
    expect(await errorsOf(form)).toEqual(['caption'])
  })

  async function errorsOf(form: FormData): Promise<string[]> {
    const before = ben.messages.length
    const { accessToken } = await client.auth.login(CREDENTIALS)
    const response = await fetch(`${server.url}/api/sessions/ana/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${accessToken}` },
      body: form,
    })
    expect([response.status, ben.messages.length]).toEqual([400, before])
    const { errors } = (await response.json()) as { errors: { field: string }[] }
    return errors.map(({ field }) => field)
  }
})

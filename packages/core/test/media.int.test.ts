import { createHash } from 'node:crypto'
import type { Phone } from '@trunkline/simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Message } from '../src/index.js'
import { eventually, Live, type LiveManager } from './support/live.js'

const FILE = Buffer.from('a file of more than one block of sixteen bytes, '.repeat(5_000))
const THUMBNAIL = Buffer.from([0xff, 0xd8, 1, 2, 3])
const WAVE = Uint8Array.from({ length: 64 }, (_, index) => index)

describe('files of messages that come in', () => {
  let live: Live
  let manager: LiveManager
  let own: Phone
  let ben: Phone

  beforeAll(async () => {
    live = await Live.start('media in')
    own = await live.phone('15550000001', 'Ana')
    ben = await live.phone('15550000002', 'Ben')
    manager = live.manager({ mediaSilenceMs: 1_000 })
    await manager.link('s', own)
  })
  afterAll(async () => live[Symbol.asyncDispose]())

  it.each([
    [
      'image',
      'image',
      { caption: 'look', width: 4, height: 3, jpegThumbnail: THUMBNAIL },
      { caption: 'look', width: 4, height: 3 },
    ],
    ['video', 'video', { seconds: 7, gifPlayback: true }, { seconds: 7, gif: true }],
    ['note', 'video', { seconds: 7 }, { seconds: 7, videoNote: true }],
    ['audio', 'voice', { seconds: 2, ptt: true, waveform: WAVE }, { seconds: 2, waveform: [...WAVE] }],
    ['audio', 'audio', { seconds: 2, mimetype: 'audio/mp4' }, { seconds: 2, mimetype: 'audio/mp4' }],
    ['document', 'document', { fileName: 'año.pdf' }, { fileName: 'año.pdf' }],
    ['sticker', 'sticker', { isAnimated: true }, { animated: true }],
  ] as const)('are told apart, and read as they were sent: %s as %s', async (part, type, fields, told) => {
    const file = Buffer.concat([FILE, Buffer.from(JSON.stringify([part, fields]))])
    const message = await received(await ben.sendMedia(own.jid, part, file, { fields }))
    const sha256 = createHash('sha256').update(file).digest('hex')
    expect(message).toMatchObject({ type, media: { ...told, bytes: file.length, sha256, state: 'remote' } })

    const opened = await open(message)
    expect(opened).toMatchObject({ bytes: file.length, sha256, mimetype: message.media?.mimetype })
    expect((await bytesOf(opened.read())).equals(file)).toBe(true)
    expect((await bytesOf(opened.read({ offset: 100, length: 50 }))).equals(file.subarray(100, 150))).toBe(true)
    expect(await stateOf(message)).toBe('stored')
  })

  it('come with a small picture as a data URL', async () => {
    const message = await received(
      await ben.sendMedia(own.jid, 'image', FILE, { fields: { jpegThumbnail: THUMBNAIL, viewOnce: true } }),
    )
    expect(message.media).toMatchObject({
      thumbnail: `data:image/jpeg;base64,${THUMBNAIL.toString('base64')}`,
      viewOnce: true,
    })
  })

  it('are fetched ahead where the settings say so, by kind and size, and not otherwise', async () => {
    const carol = await live.phone('15550000003', 'Carol')
    await manager.manager.create({ id: 'ahead', settings: { autoDownload: { image: FILE.length } } })
    const { qr } = await manager.heardEvent('qr', 'ahead')
    await carol.scanQr(qr)
    await manager.status('ahead', 'connected')
    const document = await ben.sendMedia(carol.jid, 'document', unlike('not ahead'))
    const larger = await ben.sendMedia(carol.jid, 'image', Buffer.concat([FILE, FILE]))
    const image = await ben.sendMedia(carol.jid, 'image', FILE)
    await manager.heardEvent('message', 'ahead', ({ message }) => message.id === image.id)
    const stateOfOne = async ({ id }: { id: string }) => (await manager.manager.message('ahead', { id })).media?.state
    await eventually(
      () => stateOfOne(image),
      (state) => state === 'stored',
    )
    expect([await stateOfOne(document), await stateOfOne(larger)]).toEqual(['remote', 'remote'])
    // Nobody has to ask WhatsApp again.
    const before = live.simulator.mediaRequests.length
    const file = await manager.manager.session('ahead').media.open({ id: image.id })
    expect((await bytesOf(file.read())).equals(FILE)).toBe(true)
    expect(live.simulator.mediaRequests.length).toBe(before)
  })

  it('are found inside whatever wraps a message', async () => {
    const content = { viewOnceMessageV2: { message: ben.uploadMedia('video', FILE) } }
    const message = await received(await ben.send(own.jid, content))
    expect((await bytesOf((await open(message)).read())).equals(FILE)).toBe(true)
  })

  it('are fetched once, however many ask', async () => {
    const message = await received(await ben.sendMedia(own.jid, 'document', unlike('once')))
    const before = live.simulator.mediaRequests.length
    await Promise.all(Array.from({ length: 5 }, () => open(message)))
    expect(live.simulator.mediaRequests.length - before).toBe(1)
  })

  it('are asked of the phone again when they have expired', async () => {
    const file = unlike('expired')
    const message = await received(await ben.sendMedia(own.jid, 'image', file))
    await own.waitForMessage({ id: message.id })
    live.simulator.expireMedia()
    expect((await bytesOf((await open(message)).read())).equals(file)).toBe(true)
  })

  it('are gone when the phone has deleted them too, and the message says so', async () => {
    const message = await received(await ben.sendMedia(own.jid, 'image', unlike('gone')))
    await own.waitForMessage({ id: message.id })
    live.simulator.expireMedia()
    own.setMediaRetry('not-found')
    await expect(open(message)).rejects.toMatchObject({ code: 'MEDIA_EXPIRED', retryable: false })
    own.setMediaRetry('upload')
    expect(await stateOf(message)).toBe('expired')
    await open(message)
    expect(await stateOf(message)).toBe('stored')
  })

  it.each([
    ['one bit is another one', { do: 'corrupt' }],
    ['another file lies there', { do: 'swap' }],
    ['far more comes than was said', { do: 'oversize', extraBytes: 5_000_000 }],
  ] as const)('are not kept when %s, and can be had later', async (name, fault) => {
    const file = unlike(name)
    const message = await received(await ben.sendMedia(own.jid, 'document', file))
    live.simulator.faults.media({ direction: 'download' }, fault, { times: 1 })
    await expect(open(message)).rejects.toMatchObject({ code: 'MEDIA_NOT_AVAILABLE', retryable: true })
    expect(await manager.store.media?.stat({ sessionId: 's', mediaId: message.media?.sha256 ?? '' })).toBeUndefined()
    expect((await bytesOf((await open(message)).read())).equals(file)).toBe(true)
  })

  it.each([
    ['is cut', { do: 'cut' }],
    ['falls silent', { do: 'stall' }],
    ['is closed by the host on its side', { do: 'half-close' }],
    ['is refused for a moment', { do: 'status', status: 503 }],
  ] as const)('go on where they were when the connection %s', async (name, fault) => {
    const file = unlike(name)
    const message = await received(await ben.sendMedia(own.jid, 'document', file))
    live.simulator.faults.media({ direction: 'download', host: 0 }, fault, { times: 1 })
    expect((await bytesOf((await open(message)).read())).equals(file)).toBe(true)
  })

  it.each([
    ['fall silent in the middle', { do: 'stall' }],
    ['close their side in the middle', { do: 'half-close' }],
    ['cut the connection', { do: 'cut' }],
  ] as const)('are given up in bounded time when all hosts %s, and can be had later', async (name, fault) => {
    const file = unlike(`all ${name}`)
    const message = await received(await ben.sendMedia(own.jid, 'document', file))
    live.simulator.faults.media({ direction: 'download' }, fault, { times: 3 })
    await expect(open(message)).rejects.toMatchObject({ code: 'MEDIA_NOT_AVAILABLE', retryable: true })
    expect(await stateOf(message)).toBe('remote')
    expect((await bytesOf((await open(message)).read())).equals(file)).toBe(true)
  })

  it('are never asked of a host that the sender names', async () => {
    const content = ben.uploadMedia('document', unlike('elsewhere'))
    const { documentMessage } = content
    if (!documentMessage) throw new Error('no document')
    documentMessage.url = 'https://169.254.169.254/latest/meta-data'
    const message = await received(await ben.send(own.jid, content))
    await open(message)
    expect(live.simulator.mediaRequests.at(-1)).toMatchObject({ direction: 'download', status: 200 })
  })

  it('that a message does not have are not found', async () => {
    const { id } = await ben.sendText(own.jid, 'no file')
    const { message } = await manager.heardEvent('message', 's', (event) => event.message.id === id)
    await expect(open(message)).rejects.toMatchObject({ code: 'MEDIA_NOT_FOUND' })
  })

  it('cannot be fetched without a connection, and what is kept is read without one', async () => {
    const kept = await received(await ben.sendMedia(own.jid, 'image', unlike('kept')))
    await open(kept)
    const other = await received(await ben.sendMedia(own.jid, 'image', unlike('not kept')))
    await manager.manager.stopSession('s')
    expect((await open(kept)).bytes).toBe(kept.media?.bytes)
    await expect(open(other)).rejects.toMatchObject({ code: 'SESSION_NOT_CONNECTED' })
    const from = manager.heard.length
    await manager.manager.startSession('s')
    await manager.status('s', 'connected', from)
    expect((await open(other)).bytes).toBe(other.media?.bytes)
  })

  const unlike = (name: string) => Buffer.concat([FILE, Buffer.from(name)])

  async function received({ id }: { id: string }): Promise<Message> {
    return (await manager.heardEvent('message', 's', (event) => event.message.id === id)).message
  }

  function open({ id, chatId }: Message) {
    return manager.manager.session('s').media.open({ id, chatId })
  }

  async function stateOf({ id, chatId }: Message) {
    return (await manager.manager.session('s').messages.get({ id, chatId })).media?.state
  }
})

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}

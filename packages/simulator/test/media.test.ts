import { Agent as HttpsAgent } from 'node:https'
import { downloadMediaMessage, proto, type UserFacingSocketConfig, type WAMessage } from '@whiskeysockets/baileys'
import { Agent } from 'undici'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Phone } from '../src/index.js'
import { silentLogger, type TestClient } from './client.js'
import { ANA, BEN, Simulation } from './simulation.js'

const FILE = Buffer.from('a file of more than one block of sixteen bytes, '.repeat(500))

describe('files of messages', () => {
  const simulation = new Simulation('media', 'file')
  let ana: Phone
  let ben: Phone
  let client: TestClient
  let options: NonNullable<UserFacingSocketConfig['options']>

  beforeAll(async () => {
    ana = await simulation.phone(ANA, 'Ana')
    ben = await simulation.phone(BEN, 'Ben')
    const ca = simulation.sim.mediaCertificate
    options = { dispatcher: new Agent({ connect: { ca } }) } as typeof options
    client = await simulation.companion(ana, { fetchAgent: new HttpsAgent({ ca }), options })
  })

  it('are uploaded by Baileys, and both phones hold what they decrypted', async () => {
    const sent = await client.socket.sendMessage(ben.jid, {
      document: FILE,
      mimetype: 'application/pdf',
      fileName: 'a.pdf',
    })
    const id = sent?.key.id ?? ''
    await ben.waitForMessage({ id })
    await ana.waitForMessage({ id })
    expect((await ben.fileOf(id)).equals(FILE)).toBe(true)
    expect((await ana.fileOf(id)).equals(FILE)).toBe(true)
    expect(simulation.sim.mediaRequests.at(-1)).toMatchObject({ direction: 'upload', host: 0, status: 200 })
  })

  it('of a phone are downloaded by Baileys', async () => {
    const { id } = await ben.sendMedia(ana.jid, 'image', FILE, { fields: { caption: 'look' } })
    const { message } = await received(id)
    expect((await fetched(message)).equals(FILE)).toBe(true)
  })

  it('go to the next host when the first one cuts the connection', async () => {
    simulation.sim.faults.media({ direction: 'upload', host: 0 }, { do: 'cut' }, { times: 1 })
    const sent = await client.socket.sendMessage(ben.jid, { image: FILE, jpegThumbnail: '' })
    const id = sent?.key.id ?? ''
    await ben.waitForMessage({ id })
    expect((await ben.fileOf(id)).equals(FILE)).toBe(true)
    expect(simulation.sim.mediaRequests.at(-1)).toMatchObject({ direction: 'upload', host: 1, status: 200 })
  })

  it('that have expired are answered 410, until the phone has uploaded them again', async () => {
    const { id } = await ben.sendMedia(ana.jid, 'video', FILE)
    const { message } = await received(id)
    await ana.waitForMessage({ id })
    simulation.sim.expireMedia()
    await expect(fetched(message)).rejects.toMatchObject({ output: { statusCode: 410 } })
    await client.socket.updateMediaMessage(message)
    // Baileys writes the first host of `media_conn` into the URL.
    expect((await fetched(message)).equals(FILE)).toBe(true)
  })

  it('that the phone has deleted are not found', async () => {
    ana.setMediaRetry('not-found')
    const { id } = await ben.sendMedia(ana.jid, 'audio', FILE)
    const { message } = await received(id)
    await ana.waitForMessage({ id })
    await expect(client.socket.updateMediaMessage(message)).rejects.toMatchObject({ output: { statusCode: 404 } })
    ana.setMediaRetry('upload')
  })

  // Cut off in the middle, Baileys would wait for ever, with an exception that nobody catches.
  it('fails for the client when it is gone for a moment', async () => {
    const { id } = await ben.sendMedia(ana.jid, 'document', FILE)
    const { message } = await received(id)
    simulation.sim.faults.media({ direction: 'download' }, { do: 'status', status: 404 }, { times: 1 })
    await expect(fetched(message)).rejects.toThrow()
    expect((await fetched(message)).equals(FILE)).toBe(true)
  })

  it('are refused by a host when their name is not their hash', async () => {
    const { media } = await ben.waitForMessage(({ media }) => media !== undefined)
    expect(media).toBeDefined()
    const [host = ''] = simulation.sim.mediaHostnames
    const agent = new Agent({ connect: { ca: simulation.sim.mediaCertificate } })
    const answer = await fetch(`https://${host}/mms/image/AAAA?auth=x&token=AAAA`, {
      method: 'POST',
      body: 'no ciphertext',
      ...({ dispatcher: agent } as object),
    })
    expect(answer.status).toBe(400)
  })

  const received = (id: string) =>
    client.until(() => client.messages.find(({ message }) => message.key.id === id), `the message ${id}`)

  /** As an application does it: the URL of the message names a host of WhatsApp, which is the simulator here. */
  function fetched(message: WAMessage): Promise<Buffer> {
    const [host = ''] = simulation.sim.mediaHostnames
    const content = proto.Message.create(message.message ?? {})
    for (const part of [content.imageMessage, content.videoMessage, content.audioMessage, content.documentMessage]) {
      if (part?.directPath) part.url = `https://${host}${part.directPath}`
    }
    return downloadMediaMessage(
      { ...message, message: content },
      'buffer',
      { options },
      { logger: silentLogger, reuploadRequest: client.socket.updateMediaMessage },
    )
  }
})

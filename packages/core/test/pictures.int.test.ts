import sharp from 'sharp'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { PICTURES_A_MINUTE } from '../src/session/picture-files.js'
import { eventually, Live } from './support/live.js'
import { startHttpProxy } from './support/proxies.js'

const ANA = '15550000001'
const BEN = '15550000002'
const DAY_MS = 24 * 60 * 60 * 1_000
const square = (side: number) =>
  sharp({ create: { width: side, height: side, channels: 3, background: '#336699' } })
    .png()
    .toBuffer()
const jpeg = (text: string) => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from(text)])

/** A server that is led astray, or leads astray. */
const ELSEWHERE = {
  do: 'replace',
  with: (node) => ({
    ...node,
    content: [{ tag: 'picture', attrs: { id: '1', url: 'https://127.0.0.1:9/v/t61/1.jpg' } }],
  }),
} as const satisfies Parameters<Live['simulator']['faults']['on']>[1]

let live: Live

beforeEach(async () => {
  live = await Live.start('pictures')
})

afterEach(() => live[Symbol.asyncDispose]())

async function start() {
  const ana = await live.phone(ANA, 'Ana')
  const ben = await live.phone(BEN, 'Ben')
  const trunk = live.manager({ mediaSilenceMs: 1_000 })
  await trunk.link('ana', ana)
  let questions = 0
  live.simulator.tap(({ direction, node }) => {
    if (direction === 'in' && node.attrs.xmlns === 'w:profile:picture') questions += 1
  })
  const { contacts } = trunk.manager.session('ana')
  const bytesOf = async (id: string, options?: { preview?: boolean }) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of (await contacts.pictureFile(id, options)).read()) chunks.push(chunk)
    return Buffer.concat(chunks)
  }
  /** As if what is kept now had been kept two days ago. */
  const age = async (mediaId: string) => {
    const ref = { sessionId: 'ana', mediaId }
    const { media } = trunk.store
    const kept = await media?.read(ref)
    if (!media || !kept) throw new Error(`Nothing is kept under ${mediaId}`)
    const storedAt = new Date(Date.now() - 2 * DAY_MS).toISOString()
    await media.put(ref, kept.chunks, { maxBytes: 1_000, storedAt })
  }
  return { ana, ben, trunk, contacts, bytesOf, age, questions: () => questions }
}

it('a picture is fetched once for all who ask, by whichever address, and kept for a day', async () => {
  const { ben, trunk, contacts, bytesOf, age, questions } = await start()
  await ben.setPicture(jpeg('at the sea'))
  await ben.sendText(ANA, 'hello')
  await trunk.heardEvent('message', 'ana')
  const [first, other] = await Promise.all([bytesOf(BEN), bytesOf(ben.lid)])
  expect([first.equals(jpeg('at the sea')), other.equals(first)]).toEqual([true, true])
  expect(await contacts.pictureFile(BEN)).toMatchObject({ mimetype: 'image/jpeg', bytes: first.length })
  expect(questions()).toBe(1)
  await age(`picture:${ben.lid}`)
  expect((await bytesOf(BEN)).equals(first)).toBe(true)
  expect(questions()).toBe(2)
})

it('another picture is there as soon as WhatsApp tells of it, and none as soon as it is taken away', async () => {
  const { ben, trunk, contacts, bytesOf } = await start()
  await ben.setPicture(jpeg('at the sea'))
  await ben.sendText(ANA, 'hello')
  await trunk.heardEvent('message', 'ana')
  expect((await bytesOf(BEN)).equals(jpeg('at the sea'))).toBe(true)
  await ben.setPicture(jpeg('at home'))
  await eventually(
    () => bytesOf(BEN),
    (bytes) => bytes.equals(jpeg('at home')),
  )
  await ben.setPicture(undefined)
  await eventually(
    () => contacts.pictureFile(BEN).catch((error) => error.code),
    (outcome) => outcome === 'PICTURE_NOT_FOUND',
  )
})

it('whoever has no picture, or hides it, is not asked about again for a day', async () => {
  const { ben, contacts, questions } = await start()
  const none = { code: 'PICTURE_NOT_FOUND', retryable: false }
  await expect(contacts.pictureFile(BEN)).rejects.toMatchObject(none)
  await expect(contacts.pictureFile(BEN)).rejects.toMatchObject(none)
  expect(questions()).toBe(1)
  await ben.setPicture(jpeg('at the sea'))
  await ben.setPrivacy('profile', 'none')
  await expect(contacts.pictureFile(BEN, { preview: true })).rejects.toMatchObject(none)
  await expect(contacts.pictureFile(BEN, { preview: true })).rejects.toMatchObject(none)
  expect(questions()).toBe(2)
})

it('an older picture is shown while WhatsApp cannot be asked, and nothing where there is none', async () => {
  const { ben, trunk, contacts, bytesOf, age } = await start()
  await ben.setPicture(jpeg('at the sea'))
  await bytesOf(BEN, { preview: true })
  await age(`preview:${BEN}@s.whatsapp.net`)
  await trunk.manager.stopSession('ana')
  expect((await bytesOf(BEN, { preview: true })).equals(jpeg('at the sea'))).toBe(true)
  await expect(contacts.pictureFile(BEN)).rejects.toMatchObject({ code: 'SESSION_NOT_CONNECTED' })
})

it('a group has a picture too, and none once it was taken away', async () => {
  const { trunk, contacts, bytesOf } = await start()
  const { groups } = trunk.manager.session('ana')
  const { group } = await groups.create({ subject: 'Team', participants: [BEN] })
  await groups.setPicture(group.id, await square(200))
  const { width, format } = await sharp(await bytesOf(group.id, { preview: true })).metadata()
  expect([width, format]).toEqual([640, 'jpeg'])
  await groups.removePicture(group.id)
  await expect(contacts.pictureFile(group.id, { preview: true })).rejects.toMatchObject({ code: 'PICTURE_NOT_FOUND' })
})

it.each([
  ['is not there', { do: 'status', status: 404 } as const],
  ['breaks off', { do: 'cut' } as const],
  ['is said to be at a host of somebody else', undefined],
])('a picture that %s is not kept, and the next who asks gets it', async (_, fault) => {
  const { ben, contacts, bytesOf } = await start()
  await ben.setPicture(jpeg('at the sea'))
  if (fault) live.simulator.faults.media({ direction: 'download' }, fault, { times: 1 })
  else live.simulator.faults.on({ direction: 'out', tag: 'iq', child: 'picture' }, ELSEWHERE, { times: 1 })
  await expect(contacts.pictureFile(BEN)).rejects.toMatchObject({ code: 'MEDIA_NOT_AVAILABLE', retryable: true })
  expect((await bytesOf(BEN)).equals(jpeg('at the sea'))).toBe(true)
})

it('no more than sixty are asked for in a minute, and whoever asks for more is told when to come back', async () => {
  const { contacts, questions } = await start()
  const numbers = Array.from({ length: PICTURES_A_MINUTE }, (_, n) => `1556${String(n).padStart(7, '0')}`)
  const codes = await Promise.all(numbers.map((number) => contacts.pictureFile(number).catch((error) => error.code)))
  expect(new Set(codes)).toEqual(new Set(['PICTURE_NOT_FOUND']))
  const retryAfterSeconds = expect.toSatisfy((seconds: number) => seconds > 0 && seconds <= 60)
  await expect(contacts.pictureFile(BEN)).rejects.toMatchObject({
    code: 'RATE_LIMITED',
    details: { retryAfterSeconds },
  })
  expect(questions()).toBe(PICTURES_A_MINUTE)
})

it('a picture comes through the proxy of its session', async () => {
  const proxy = await startHttpProxy()
  const ana = await live.phone(ANA, 'Ana')
  const ben = await live.phone(BEN, 'Ben')
  await ben.setPicture(jpeg('at the sea'))
  const trunk = live.manager({ proxyAllow: ['127.0.0.1'] })
  await trunk.manager.create({ id: 'ana', settings: { proxyUrl: `http://user:secret@127.0.0.1:${proxy.port}` } })
  const { qr } = await trunk.heardEvent('qr', 'ana')
  await ana.scanQr(qr)
  await trunk.status('ana', 'connected')
  const { contacts } = trunk.manager.session('ana')
  const { url } = await contacts.picture(BEN)
  expect((await contacts.pictureFile(BEN)).bytes).toBe(jpeg('at the sea').length)
  expect(proxy.targets).toContain(new URL(url ?? '').host)
  await proxy.close()
})

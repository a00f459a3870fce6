import { type Client, createClient } from '@trunkline/client'
import { type Phone, type Simulator, startSimulator } from '@trunkline/simulator'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { declaredFetchOf } from '../../api/test/support/declared.js'
import { pictureFactsOf, pngOf } from '../../core/test/support/pictures.js'
import { type RunningServer, startServer } from '../src/index.js'

// Groups, contacts and profiles from the typed client over REST to phones.

const CREDENTIALS = { email: 'ada@example.org', password: 'correct horse battery' }
const ANA = '15550000001'
const BEN = '15550000002'
const CAROL = '15550000003'

let simulator: Simulator
let ana: Phone
let ben: Phone
let server: RunningServer
let client: Client
let group: string

beforeAll(async () => {
  simulator = await startSimulator({ seed: 'people' })
  ana = await simulator.createPhone({ number: ANA, name: 'Ana' })
  ben = await simulator.createPhone({ number: BEN, name: 'Ben' })
  await simulator.createPhone({ number: CAROL, name: 'Carol' })
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
  const made = await client.groups.create('ana', { subject: 'Team', participants: [BEN] })
  expect(made.outcomes).toMatchObject([{ ok: true }])
  group = made.group.id
})
afterAll(async () => {
  client?.close()
  await server?.close()
  await simulator?.close()
})

const groupOf = () => simulator.groups.find(({ jid }) => jid === group)
const rolesOf = () => groupOf()?.participants.map(({ number, role }) => [number, role])

it('a picture of the account is set by its bytes in any form, and taken away', async () => {
  const bytes = await pngOf(900, 300)
  for (const body of [new Blob([bytes], { type: 'image/png' }), { data: Buffer.from(bytes).toString('base64') }]) {
    await client.profile.setPicture('ana', body)
    expect(await pictureFactsOf(ana.picture)).toEqual({ format: 'jpeg', width: 640, height: 640 })
    expect((await client.profile.get('ana')).picture).toMatchObject({ state: 'shown' })
    await client.profile.removePicture('ana')
    expect(ana.picture).toBeUndefined()
  }
  const none = new Blob(['no picture'], { type: 'image/png' })
  await expect(client.profile.setPicture('ana', none)).rejects.toMatchObject({ code: 'PICTURE_INVALID' })
  const text = new Blob(['text'], { type: 'text/plain' })
  await expect(client.profile.setPicture('ana', text)).rejects.toMatchObject({ code: 'UNSUPPORTED_MEDIA_TYPE' })
})

it('a picture of a group is set by its bytes, and its members are told', async () => {
  const bytes = await pngOf(100, 100)
  await client.groups.setPicture('ana', group, new Blob([bytes], { type: 'image/png' }))
  expect(await client.contacts.getPicture('ana', group)).toMatchObject({ state: 'shown' })
  expect(ben.groupNotices).toContainEqual(expect.objectContaining({ group, kind: 'picture', by: ana.jid }))
  await client.groups.removePicture('ana', group)
  expect(await client.contacts.getPicture('ana', group)).toEqual({ state: 'none' })
})

it('a profile is changed, and the phone has it', async () => {
  expect(await client.profile.update('ana', { about: 'At the shop' })).toMatchObject({ about: { text: 'At the shop' } })
  expect(ana.about).toBe('At the shop')
})

it('a group is changed, and everybody has it', async () => {
  expect(await client.groups.update('ana', group, { subject: 'The team', description: 'Ours' })).toMatchObject({
    subject: 'The team',
    description: 'Ours',
  })
  await client.groups.update('ana', group, { settings: { announce: true } })
  expect(groupOf()).toMatchObject({ subject: 'The team', description: 'Ours', settings: { announce: true } })
  expect((await client.groups.list('ana')).items.map(({ id }) => id)).toEqual([group])
})

it('people come, rise, fall and go', async () => {
  const carol = { participants: [CAROL] }
  expect((await client.groups.addParticipants('ana', group, carol)).outcomes).toMatchObject([{ ok: true }])
  await client.groups.promoteParticipants('ana', group, carol)
  expect(rolesOf()).toContainEqual([CAROL, 'admin'])
  await client.groups.demoteParticipants('ana', group, carol)
  expect(rolesOf()).toContainEqual([CAROL, 'member'])
  await client.groups.removeParticipants('ana', group, carol)
  expect(rolesOf()?.map(([number]) => number)).not.toContain(CAROL)
})

it('an invitation is read, tells where it leads, and is renewed', async () => {
  const { code } = await client.groups.getInvite('ana', group)
  expect(code).toBe(groupOf()?.inviteCode)
  expect(await client.groups.getInvited('ana', { code })).toMatchObject({ id: group })
  const renewed = await client.groups.renewInvite('ana', group)
  expect([renewed.code === code, renewed.code]).toEqual([false, groupOf()?.inviteCode])
})

it('people are looked up, read and blocked', async () => {
  const { items } = await client.contacts.check('ana', { numbers: [BEN, '19990000000'] })
  expect(items.map(({ state }) => state)).toEqual(['on_whatsapp', 'not_on_whatsapp'])
  await ben.setPicture(Buffer.from([0xff, 0xd8, 0xff, 0xd9, 0, 0]))
  expect(await client.contacts.getPicture('ana', BEN)).toMatchObject({ state: 'shown' })
  await client.contacts.block('ana', BEN)
  expect((await client.contacts.listBlocked('ana')).items).toHaveLength(1)
  await client.contacts.unblock('ana', BEN)
  expect((await client.contacts.listBlocked('ana')).items).toEqual([])
})

it('the picture of somebody comes as a file, for the browser to keep and to ask whether it is still the same', async () => {
  const picture = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from('at the sea')])
  const path = `/api/sessions/ana/contacts/${BEN}/picture/file?preview=true`
  await ben.setPicture(picture)
  const response = await client.contacts.getPictureFile('ana', BEN, { preview: true })
  expect(Buffer.from(await response.arrayBuffer()).equals(picture)).toBe(true)
  expect(response.headers.get('content-type')).toBe('image/jpeg')
  expect(response.headers.get('cache-control')).toBe('private, no-cache')
  const etag = response.headers.get('etag') ?? ''
  const { accessToken } = await client.auth.login({ ...CREDENTIALS })
  const again = await fetch(`${server.url}${path}`, {
    headers: { authorization: `Bearer ${accessToken}`, 'if-none-match': etag },
  })
  expect([again.status, await again.text()]).toEqual([304, ''])
  await expect(client.contacts.getPictureFile('ana', CAROL)).rejects.toMatchObject({
    code: 'PICTURE_NOT_FOUND',
    status: 404,
  })
})

it('whoever leaves is out', async () => {
  await client.groups.leave('ana', group)
  expect(rolesOf()?.map(([number]) => number)).not.toContain(ANA)
})

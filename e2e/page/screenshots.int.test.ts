// Pictures of every main page, as people see them: in both themes, in Spanish and English, on a desk and on a phone. They are written to
// node_modules/.cache/trunkline/screenshots; with UPDATE_DOCUMENTS=1 those of the README are written anew too.
import { copyFileSync, mkdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { jpegOfSvg } from '../../packages/core/test/support/pictures.js'
import { chromiumOrReason, PageWorld } from './world.js'

const chromium = await chromiumOrReason()
const folder = fileURLToPath(new URL('../../node_modules/.cache/trunkline/screenshots/', import.meta.url))
const documents = fileURLToPath(new URL('../../docs/', import.meta.url))

const TEXTS = {
  en: { email: 'E-mail', password: 'Password', submit: 'Sign in' },
  es: { email: 'Correo electrónico', password: 'Contraseña', submit: 'Entrar' },
} as const

/** As it might be in a shop with several branches. */
const BRANCHES = [
  ['miraflores', 'Miraflores'],
  ['san-isidro', 'San Isidro'],
  ['arequipa', 'Arequipa'],
  ['cusco', 'Cusco'],
  ['soporte', 'Soporte'],
] as const

describe.skipIf(chromium === undefined)('pictures', () => {
  let world: PageWorld
  beforeAll(async () => {
    mkdirSync(folder, { recursive: true })
    world = await PageWorld.start(chromium ?? '', { URL_ALLOW: '127.0.0.1' })
    await fill(world)
  }, 120_000)
  afterAll(() => world.close())

  it.each(
    (['en', 'es'] as const).flatMap((locale) => (['light', 'dark'] as const).map((theme) => [locale, theme] as const)),
  )(
    'are taken of every main page in %s, %s',
    async (locale, theme) => {
      const page = await world.open('/', {
        locale: locale === 'es' ? 'es-PE' : 'en-GB',
        colorScheme: theme,
        deviceScaleFactor: 1.5,
      })
      const take = async (name: string) => {
        await page.evaluate('document.fonts.ready')
        const path = `${folder}${name}-${locale}-${theme}.png`
        await page.screenshot({ path })
        expect(statSync(path).size).toBeGreaterThan(5_000)
      }
      const t = TEXTS[locale]
      await page.getByLabel(t.email).waitFor()
      await take('sign-in')
      await page.getByLabel(t.email).fill('ada@example.org')
      await page.getByLabel(t.password, { exact: true }).fill('a long enough word 7')
      await page.getByRole('button', { name: t.submit }).click()
      await page.locator('.page-head h1').waitFor()
      for (const [name, path] of Object.entries(PATHS)) {
        await page.goto(`${world.url}${path}`)
        await settled(page)
        await take(name)
      }
      await takeSettings(page, (name) => take(`maintenance-${name}`))
      await page.goto(`${world.url}/sessions/cusco`)
      await page.locator('.session-head-actions .tl-button').click()
      await page.locator('.tl-qr').waitFor()
      await take('link')
      await page.keyboard.press('Escape')
      await world.server.manager.stopSession('cusco')
      await page.setViewportSize({ width: 360, height: 740 })
      for (const name of [
        'overview',
        'sessions',
        'chats',
        'queue',
        'groups',
        'webhooks',
        'audit',
        'maintenance',
      ] as const) {
        await page.goto(`${world.url}${PATHS[name]}`)
        await settled(page)
        await take(`phone-${name}`)
      }
      await takeSettings(page, (name) => take(`phone-maintenance-${name}`))
      await page.context().close()
    },
    120_000,
  )

  it('of the README are those of this page', () => {
    if (process.env.UPDATE_DOCUMENTS !== '1') return
    copyFileSync(`${folder}sessions-en-light.png`, `${documents}page.png`)
    copyFileSync(`${folder}sessions-es-light.png`, `${documents}page.es.png`)
  })
})

const PATHS = {
  overview: '/',
  sessions: '/sessions',
  chats: '/sessions/miraflores?tab=chats&chat=51944555666',
  details: '/sessions/miraflores?tab=details',
  contacts: '/sessions/miraflores?tab=contacts',
  groups: '/sessions/miraflores?tab=groups',
  queue: '/sessions/san-isidro?tab=queue',
  settings: '/sessions/miraflores?tab=settings',
  events: '/events',
  users: '/users',
  keys: '/keys',
  webhooks: '/webhooks',
  audit: '/audit',
  maintenance: '/maintenance',
} as const

/** On the page of the maintenance: what a step is done by, and what changes it. */
async function takeSettings(page: Page, take: (name: 'settings' | 'dialog') => Promise<void>): Promise<void> {
  const settings = page.locator('.step-settings > summary')
  await settings.nth(2).waitFor()
  for (const at of [0, 2, 3]) await settings.nth(at).click()
  await settings.nth(2).scrollIntoViewIfNeeded()
  await take('settings')
  await page.locator('.step-settings > button').nth(2).click()
  await page.getByRole('dialog').waitFor()
  await take('dialog')
  await page.keyboard.press('Escape')
}

async function settled(page: Page): Promise<void> {
  // An open conversation on a phone hides it.
  await page.locator('.page-head h1').waitFor({ state: 'attached' })
  // There may be one for each part of the page: the first of those that are left is waited for until none is. The page's
  // policy lets no script be made from a string, so nothing may be asked by an expression that the browser polls.
  await page.locator('.tl-spinner-large, .chart-place .tl-spinner').first().waitFor({ state: 'detached' })
  if (page.url().includes('chat=')) await page.locator('[data-message]').first().waitFor()
}

/** Accounts that are linked, one that was unlinked on its phone, one that waits for a scan, one that is stopped; and a conversation. */
async function fill(world: PageWorld): Promise<void> {
  const { simulator, server } = world
  const { manager } = server
  const names = ['Rosa Quispe', 'Luis Paredes', 'Ana Flores']
  const phones = []
  for (const [at, [id, label]] of BRANCHES.slice(0, 3).entries()) {
    const phone = await simulator.createPhone({ number: `5198765432${at}`, name: names[at] ?? label })
    await world.link(id, phone, { label })
    phones.push(phone)
  }
  await manager.updateMaintenance({ revision: 0, settings: { cleanupIntervalMs: 7_200_000 } })
  await manager.create({ id: 'cusco', label: 'Cusco', start: false })
  await manager.create({ id: 'soporte', label: 'Soporte', start: false })
  const [rosa, , ana] = phones
  if (!rosa || !ana) throw new Error('The phones are not there')

  const carla = await simulator.createPhone({ number: '51944555666', name: 'Carla Mendoza' })
  const diego = await simulator.createPhone({ number: '51911222333', name: 'Diego Rojas' })
  const lucia = await simulator.createPhone({ number: '51977888999', name: 'Lucía Vargas' })
  await carla.setPicture(await portraitOf('#f2b8a0', '#7a3b2e'))
  await lucia.setPicture(await portraitOf('#a9d3c4', '#1f5b52'))
  const say = async (from: typeof carla, text: string) => {
    const arrived = new Promise((resolve) =>
      manager.on('message', ({ message }) => message.text === text && resolve(true)),
    )
    await from.sendText(rosa.number, text)
    await arrived
  }
  await say(lucia, '¿A qué hora cierran hoy?')
  await say(diego, 'Buenas, ¿ya salió mi pedido? Lo hice el lunes.')
  await say(carla, 'Hola, buenas tardes 👋')
  await say(carla, '¿Tienen la casaca azul en talla M?')
  await manager.send('miraflores', { to: carla.number, text: '¡Hola, Carla! Sí, nos quedan dos en talla M.' })
  await say(carla, '¡Qué bien! ¿Y cuánto cuesta el envío a Arequipa?')
  await manager.send('miraflores', { to: carla.number, text: 'El envío cuesta S/ 12 y llega en dos días.' })
  await say(carla, 'Perfecto, la quiero. ¿Puedo pagar con Yape?')

  const [first] = (await manager.messages('miraflores', { limit: 1 })).items
  if (first) await manager.session('miraflores').messages.react({ id: first.id }, '👍')
  await world.simulator.createGroup({
    subject: 'Equipo Miraflores',
    creator: rosa.number,
    participants: [carla.number, diego.number, lucia.number],
  })
  await manager.webhooks.create({ url: 'http://127.0.0.1:9/pedidos', description: 'Pedidos', events: ['message'] })
  await manager.webhooks.create({ url: 'http://127.0.0.1:9/archivo', enabled: false })
  await say(diego, '¿Hola?')
  await fillQueue(world, lucia.number)
  await fillTraffic(world)

  const [device] = ana.devices
  const unlinked = new Promise((resolve) =>
    manager.on('session.status', ({ status }) => status === 'logged_out' && resolve(true)),
  )
  if (device) await ana.unlink(device.id)
  await unlinked
}

/** As somebody who stands before a wall. */
function portraitOf(wall: string, coat: string): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96"><rect width="96" height="96" fill="${wall}"/>
    <ellipse cx="48" cy="98" rx="36" ry="34" fill="${coat}"/><rect x="40" y="52" width="16" height="18" rx="8" fill="#c98f6b"/>
    <path d="M26 44a22 24 0 0 1 44 0v14H26z" fill="#2b1d18"/><ellipse cx="48" cy="44" rx="16" ry="19" fill="#e0a982"/>
    <path d="M31 40c6-2 14-6 18-12 4 7 9 10 16 12-1-14-8-19-17-19s-16 5-17 19z" fill="#2b1d18"/></svg>`
  return jpegOfSvg(svg)
}

/** A careful session whose queue is paused, with messages that wait. */
async function fillQueue({ server: { manager } }: PageWorld, to: string): Promise<void> {
  await manager.update('san-isidro', { settings: { pacing: { preset: 'careful' } } })
  const { messages, queue } = manager.session('san-isidro')
  await queue.pause()
  await messages.send({ to, text: 'Tu pedido llega mañana entre 9 y 12.', queue: true, priority: 'high' })
  await messages.send({ to, text: 'Gracias por tu compra.', queue: true })
  await messages.send({ to, text: '¡Feliz Navidad!', queue: true, sendAt: '2026-12-25T09:00:00.000Z' })
}

/** A month of a busy shop: quiet nights and quieter Sundays. */
async function fillTraffic({ server: { manager } }: PageWorld): Promise<void> {
  const thisHour = Math.floor(Date.now() / 3_600_000) * 3_600_000
  const hours = Array.from({ length: 720 }, (_, n) => new Date(thisHour - n * 3_600_000))
  await manager.store.traffic?.add(
    hours.map((at, n) => {
      const open = Math.max(0, Math.sin(((at.getHours() - 7) / 14) * Math.PI)) * (at.getDay() === 0 ? 0.3 : 1)
      const received = Math.round(open * (40 + ((n * 37) % 23)))
      return {
        sessionId: 'miraflores',
        at: at.toISOString(),
        received,
        sent: Math.round(received * 0.7),
        failed: n % 31 === 3 ? 2 : 0,
      }
    }),
  )
}

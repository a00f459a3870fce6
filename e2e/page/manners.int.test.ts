import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumOrReason, PageWorld, signIn } from './world.js'

const chromium = await chromiumOrReason()
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const PATHS = [
  '/',
  '/sessions',
  '/sessions/shop',
  '/sessions/shop?tab=details',
  '/sessions/shop?tab=settings',
  '/sessions/shop?tab=groups',
  '/sessions/shop?tab=contacts',
  '/sessions/shop?tab=queue',
]
const MANAGED = ['/events', '/users', '/keys', '/webhooks', '/audit', '/maintenance']

describe.skipIf(chromium === undefined)('the manners of the page', () => {
  let world: PageWorld
  let page: Page
  beforeAll(async () => {
    world = await PageWorld.start(chromium ?? '')
    const shop = await world.simulator.createPhone({ number: '15550000001', name: 'Shop' })
    const carol = await world.simulator.createPhone({ number: '15550000003', name: 'Carol' })
    await world.link('shop', shop, { label: 'Tienda' })
    const { manager } = world.server
    await manager.create({ id: 'help', label: 'Help', start: false })
    const arrived = new Promise((resolve) => manager.on('message', resolve))
    await carol.sendText(shop.number, 'Hello')
    await arrived
    page = await world.open('/')
    await signIn(page)
    await settled(page)
  })
  afterAll(() => world.close())

  it.each(
    (['light', 'dark'] as const).flatMap((theme) => [...PATHS, ...MANAGED].map((path) => [path, theme] as const)),
  )('%s has nothing serious against it by axe, %s', async (path, theme) => {
    await page.emulateMedia({ colorScheme: theme })
    await page.goto(`${world.url}${path}`)
    await settled(page)
    expect(await complaintsOfAxe(page)).toEqual([])
  })

  it('dialogs have nothing serious against them by axe', async () => {
    await page.goto(`${world.url}/sessions`)
    await page.getByRole('button', { name: 'New session' }).click()
    expect(await complaintsOfAxe(page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'More actions: Help' }).click()
    await page.getByRole('menuitem', { name: 'Link' }).click()
    await page.getByRole('dialog', { name: 'Link Help' }).waitFor()
    await page.getByRole('img', { name: 'QR code to scan with WhatsApp' }).waitFor()
    expect(await complaintsOfAxe(page)).toEqual([])
    await page.keyboard.press('Escape')
    await world.server.manager.stopSession('help')
  })

  it.each([...PATHS, ...MANAGED])('%s fits on a phone of 360 pixels', async (path) => {
    await page.setViewportSize({ width: 360, height: 740 })
    await page.goto(`${world.url}${path}`)
    await settled(page)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
    await page.setViewportSize({ width: 1280, height: 800 })
  })

  it('can be used with the keyboard alone', async () => {
    const keys = await world.open('/sessions')
    await keys.getByLabel('E-mail').waitFor()
    await keys.keyboard.type('ada@example.org')
    await keys.keyboard.press('Tab')
    await keys.keyboard.type('a long enough word 7')
    await keys.keyboard.press('Enter')
    await keys.getByRole('link', { name: 'Tienda' }).waitFor()
    await keys.keyboard.press('Tab')
    expect(await focused(keys)).toBe('Skip to content')
    await keys.keyboard.press('Enter')
    await tabTo(keys, 'New session')
    await keys.keyboard.press('Enter')
    await keys.getByRole('dialog').waitFor()
    await keys.keyboard.press('Escape')
    expect(await focused(keys)).toBe('New session')
    await tabTo(keys, 'More actions: Help')
    await keys.keyboard.press('Enter')
    await keys.getByRole('menuitem', { name: 'Link' }).waitFor()
    expect(await focused(keys)).toBe('Link')
    await keys.keyboard.press('ArrowDown')
    expect(await focused(keys)).toBe('Start')
    await keys.keyboard.press('Escape')
    expect(await focused(keys)).toBe('More actions: Help')
    await tabTo(keys, 'Tienda')
    await keys.keyboard.press('Enter')
    await keys.getByRole('heading', { name: 'Tienda' }).waitFor()
    await keys.context().close()
  })

  it('speaks the language of the browser, and another one as chosen, also the next time', async () => {
    const spanish = await world.open('/sessions', { locale: 'es-PE' })
    await spanish.getByLabel('Correo electrónico').fill('ada@example.org')
    await spanish.getByLabel('Contraseña', { exact: true }).fill('a long enough word 7')
    await spanish.getByRole('button', { name: 'Entrar' }).click()
    await spanish.getByRole('heading', { name: 'Sesiones' }).waitFor()
    await spanish.getByText('Conectada', { exact: true }).waitFor()
    await spanish.getByRole('button', { name: 'Tu cuenta' }).click()
    await spanish.getByRole('menuitemradio', { name: 'Português' }).click()
    await spanish.getByRole('heading', { name: 'Sessões' }).waitFor()
    expect(await spanish.getAttribute('html', 'lang')).toBe('pt')
    await spanish.reload()
    await spanish.getByRole('heading', { name: 'Sessões' }).waitFor()
    await spanish.context().close()
  })

  it('keeps the theme that was chosen, with the QR black on white in the dark', async () => {
    await page.emulateMedia({ colorScheme: 'light' })
    await page.goto(`${world.url}/sessions`)
    await page.getByRole('button', { name: 'Your account' }).click()
    await page.getByRole('menuitemradio', { name: 'Dark' }).click()
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(11, 16, 17)')
    await page.reload()
    expect(await page.getAttribute('html', 'data-theme')).toBe('dark')
    await page.getByRole('button', { name: 'Your account' }).click()
    await page.getByRole('menuitemradio', { name: 'As the system' }).click()
  })

  it('says since when it knows nothing new while the server is away, and goes on by itself', async () => {
    await page.goto(`${world.url}/sessions`)
    await page.getByText('Live', { exact: true }).first().waitFor()
    await world.stopServer()
    await page
      .getByRole('alert')
      .filter({ hasText: 'Connection to the server lost. You see what was known at' })
      .waitFor()
    await page.getByRole('link', { name: 'Tienda' }).waitFor()
    await world.startServerAgain()
    await page.getByText('Live', { exact: true }).first().waitFor()
    await page.getByRole('alert').waitFor({ state: 'detached' })
    await world.server.manager.create({ id: 'after', label: 'After', start: false })
    await page.getByRole('link', { name: 'After' }).waitFor()
  })

  it('asks nothing of other origins, keeps its policy and throws nothing', () => {
    expect(world.complaints).toEqual({ foreignRequests: [], policyViolations: [], errors: [] })
  })

  async function complaintsOfAxe(page: Page): Promise<string[]> {
    await page.evaluate(axe)
    const found = (await page.evaluate(
      "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'best-practice'] })",
    )) as { violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[] }
    const serious = found.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    return serious.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    )
  }
})

/** The heading is there and nothing is awaited any more. */
async function settled(page: Page): Promise<void> {
  await page.locator('.page-head h1').waitFor()
  // There may be one for each part of the page: the first of those that are left is waited for until none is. The page's
  // policy lets no script be made from a string, so nothing may be asked by an expression that the browser polls.
  await page.locator('.tl-spinner-large').first().waitFor({ state: 'detached' })
}

async function focused(page: Page): Promise<string> {
  return (await page.evaluate(
    "(document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent).trim()",
  )) as string
}

async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 40; presses += 1) {
    if ((await focused(page)) === name) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`${name} is not reached by the keyboard`)
}

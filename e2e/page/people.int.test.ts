import { createClient } from '@trunkline/client'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ADMIN, chromiumOrReason, PageWorld, signIn } from './world.js'

const chromium = await chromiumOrReason()

describe.skipIf(chromium === undefined)('people in the page', () => {
  let world: PageWorld
  let page: Page
  beforeAll(async () => {
    world = await PageWorld.start(chromium ?? '')
    await world.server.manager.create({ id: 'shop', label: 'Shop', start: false })
    await world.server.manager.create({ id: 'help', label: 'Help', start: false })
    page = await world.open('/users')
    await signIn(page)
  })
  afterAll(() => world.close())

  it('an admin makes a viewer of one session, who sees that one and can change nothing', async () => {
    await page.getByRole('button', { name: 'New user' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('Vera')
    await dialog.getByLabel('E-mail').fill('vera@example.org')
    await dialog.getByLabel('First password').fill('a viewer of shop 1')
    await dialog.getByLabel('Role').selectOption('Viewer')
    await dialog.getByLabel('Only these').check()
    await dialog.getByLabel('Shop').check()
    await dialog.getByRole('button', { name: 'Create user' }).click()
    await page.getByText('vera@example.org').waitFor()

    const vera = await world.open('/sessions')
    await signIn(vera, { email: 'vera@example.org', password: 'a viewer of shop 1' })
    await vera.getByRole('link', { name: 'Shop' }).waitFor()
    expect(await vera.locator('[data-session]').count()).toBe(1)
    for (const name of ['New session', 'More actions: Shop'])
      expect(await vera.getByRole('button', { name }).count()).toBe(0)
    for (const name of ['Users', 'API keys', 'Webhooks', 'Audit log', 'Maintenance'])
      expect(await vera.getByRole('link', { name }).count()).toBe(0)
    await vera.goto(`${world.url}/users`)
    await vera.getByText('There is nothing here').waitFor()
    await vera.context().close()
  })

  it('a key is shown once, and lets in what it was made for', async () => {
    await page.getByRole('link', { name: 'API keys' }).click()
    await page.getByRole('button', { name: 'New key' }).first().click()
    await page.getByLabel('Name').fill('Shop backend')
    await page.getByRole('button', { name: 'Create key' }).click()
    const apiKey = String(await page.getByTestId('once').textContent())
    await page.getByRole('button', { name: 'I have kept it' }).click()
    await page.getByText('Shop backend').waitFor()
    expect(await page.getByText(apiKey).count()).toBe(0)
    const machine = createClient({ baseUrl: `${world.server.url}/api`, apiKey })
    expect((await machine.sessions.list()).items.map(({ id }) => id)).toEqual(['help', 'shop'])
    await page.getByRole('button', { name: 'End key: Shop backend' }).click()
    await page.getByRole('button', { name: 'End key', exact: true }).click()
    await page.getByText('No API keys yet').waitFor()
    await expect(machine.sessions.list()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  it('what they did stands in the audit log', async () => {
    await page.getByRole('link', { name: 'Audit log' }).click()
    const row = page.getByRole('row').filter({ hasText: 'createKey' })
    await row.filter({ hasText: 'Ada Quispe' }).waitFor()
    expect(await row.getByText('Done').count()).toBe(1)
  })

  it('a login lasts in five tabs that are loaded at once, also on plain http, where browsers have no locks', async () => {
    const context = page.context()
    await context.addInitScript({ content: "Object.defineProperty(navigator, 'locks', { value: undefined })" })
    const tabs = await Promise.all(Array.from({ length: 5 }, () => context.newPage()))
    await Promise.all(tabs.map((tab) => tab.goto(`${world.url}/sessions`)))
    await Promise.all(tabs.map((tab) => tab.getByRole('link', { name: 'Shop' }).waitFor()))
    for (const tab of tabs) await tab.close()
  })

  it('a login lasts over a reload and into another tab, and ends in both', async () => {
    await page.reload()
    await page.getByRole('heading', { name: 'Audit log' }).waitFor()
    const tab = await page.context().newPage()
    await tab.goto(`${world.url}/sessions`)
    await tab.getByRole('heading', { name: 'Sessions' }).waitFor()
    await page.getByRole('button', { name: 'Your account' }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    await tab.reload()
    await tab.getByRole('button', { name: 'Sign in' }).waitFor()
  })

  it('who signs in with a password of an example is asked for another one', async () => {
    const admin = createClient({ baseUrl: `${world.server.url}/api` })
    await admin.signIn(ADMIN)
    await admin.users.create({
      name: 'Sam',
      email: 'sam@example.org',
      password: 'admin123',
      role: 'admin',
      sessionIds: '*',
    })
    const sam = await world.open('/')
    await signIn(sam, { email: 'sam@example.org', password: 'admin123' })
    await sam.getByRole('heading', { name: 'Choose a password of your own' }).waitFor()
    await sam.getByLabel('New password').fill('admin123')
    await sam.getByRole('button', { name: 'Change password' }).click()
    await sam.getByText('This is the password of now. Choose another one.').waitFor()
    await sam.getByLabel('New password').fill('nobody has read this')
    await sam.getByRole('button', { name: 'Change password' }).click()
    await sam.getByRole('heading', { name: 'Overview' }).waitFor()
    await expect(admin.signIn({ email: 'sam@example.org', password: 'admin123' })).rejects.toMatchObject({
      code: 'INVALID_CREDENTIALS',
    })
    await sam.context().close()
  })

  it('and nothing of it left the origin, broke its policy or threw', () => {
    expect(world.complaints).toEqual({ foreignRequests: [], policyViolations: [], errors: [] })
  })
})

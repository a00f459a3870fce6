import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shownQr } from './shown-qr.js'
import { chromiumOrReason, PageWorld, signIn } from './world.js'

const chromium = await chromiumOrReason()

describe.skipIf(chromium === undefined)('an account is linked in the page', () => {
  let world: PageWorld
  let page: Page
  beforeAll(async () => {
    world = await PageWorld.start(chromium ?? '')
    page = await world.open('/sessions')
  })
  afterAll(() => world.close())

  it('after a sign-in that is refused with the wrong password', async () => {
    await signIn(page, { email: 'ada@example.org', password: 'not this one' })
    await page.getByRole('alert').filter({ hasText: 'E-mail or password is wrong' }).waitFor()
    await signIn(page)
    await page.getByRole('heading', { name: 'Sessions', exact: true }).waitFor()
    await page.getByText('No sessions yet').waitFor()
  })

  it('by the QR that it shows, which the phone scans', async () => {
    await page.getByRole('button', { name: 'New session' }).first().click()
    await page.getByLabel('Name', { exact: true }).fill('Tienda Lima')
    await page.getByRole('textbox', { name: 'Id' }).fill('lima')
    await page.getByRole('button', { name: 'Create and link' }).click()
    await page.getByRole('img', { name: 'QR code to scan with WhatsApp' }).waitFor()
    expect(await page.getByTestId('qr-attempt').textContent()).toBe('1 of 6')
    expect(await page.getByText(/^New code in \d+ seconds?$/).count()).toBe(1)

    const ana = await world.simulator.createPhone({ number: '15550000001', name: 'Ana' })
    await ana.scanQr(await shownQr(page))
    await page.getByText('Ana is linked and receives messages.').waitFor()
    await page.getByRole('button', { name: 'Done' }).click()
    await page.locator('[data-session=lima] [data-status=connected]').waitFor()
    expect((await world.server.manager.get('lima')).account?.phone).toBe('15550000001')
  })

  it('by the code that it shows, which is typed on the phone', async () => {
    const ben = await world.simulator.createPhone({ number: '15550000002', name: 'Ben' })
    await page.getByRole('button', { name: 'New session' }).click()
    await page.getByRole('textbox', { name: 'Id' }).fill('cusco')
    await page.getByRole('button', { name: 'Create and link' }).click()
    await page.getByRole('tab', { name: 'Use a code' }).click()
    await page.getByLabel('Phone number of the account').fill('12')
    await page.getByRole('button', { name: 'Get a code' }).click()
    await page.getByText('A number with its country code has 7 to 15 digits.').waitFor()
    await page.getByLabel('Phone number of the account').fill('+1 555 000 0002')
    await page.getByRole('button', { name: 'Get a code' }).click()
    const code = await page.getByTestId('pairing-code').textContent()
    await ben.enterPairingCode(String(code).replace(/\W/g, ''))
    await page.getByText('Ben is linked and receives messages.').waitFor()
    await page.keyboard.press('Escape')
    await page.locator('[data-session=cusco] [data-status=connected]').waitFor()
  })

  it('by another QR than the one before, when somebody asks for a new one', async () => {
    await page.getByRole('button', { name: 'New session' }).click()
    await page.getByRole('textbox', { name: 'Id' }).fill('puno')
    await page.getByRole('button', { name: 'Create and link' }).click()
    await page.locator('.tl-qr').waitFor()
    const first = await shownQr(page)
    const renewed = new Promise<string>((resolve) => {
      world.server.manager.on('qr', ({ sessionId, qr }) => sessionId === 'puno' && qr !== first && resolve(qr))
    })
    await page.getByRole('button', { name: 'New code' }).click()
    const next = await renewed
    await expect.poll(() => shownQr(page).catch(() => '')).toBe(next)
    expect(await page.getByTestId('qr-attempt').textContent()).toBe('1 of 6')
  })

  it('after the passkey that WhatsApp asks for was confirmed on the phone', async () => {
    const carla = await world.simulator.createPhone({ number: '15550000003', name: 'Carla' })
    await carla.requirePasskey(true)
    await expect(carla.scanQr(await shownQr(page))).rejects.toMatchObject({ code: 'PASSKEY_REQUIRED' })
    await page.getByText('Confirm on the phone').waitFor()
    expect((await world.server.manager.get('puno')).status).toBe('passkey_required')
    await carla.confirmPasskey()
    await page.getByText('Carla is linked and receives messages.').waitFor()
    await page.keyboard.press('Escape')
  })

  it('and goes on when its token has ended while the page was open: another one comes by the cookie', async () => {
    let asked = 0
    const refreshed = page.waitForResponse((response) => response.url().endsWith('/auth/refresh'))
    // For good: what is asked for in the moment in which the browser stops to hand requests over may never be sent.
    await page.route('**/api/sessions/puno/details', async (route) => {
      asked += 1
      const headers = route.request().headers()
      await route.continue({ headers: asked === 1 ? { ...headers, authorization: 'Bearer of.yesterday.x' } : headers })
    })
    await page.getByRole('link', { name: 'puno' }).click()
    await page.getByRole('tab', { name: 'Details' }).click()
    expect((await refreshed).status()).toBe(200)
    await page.getByText('Carla', { exact: true }).waitFor()
    expect(asked).toBeGreaterThan(1)
    expect(await page.getByRole('button', { name: 'Sign in' }).count()).toBe(0)
  })

  it('its settings are saved, and those that nobody touched stay out of it', async () => {
    await page.getByRole('tab', { name: 'Settings' }).click()
    await page.getByLabel('How fast queued messages go out').selectOption('As a busy person would')
    await page.getByLabel('Files that come in').selectOption({ index: 1 })
    await page.getByRole('button', { name: 'Save changes' }).click()
    await page.getByText('Saved', { exact: true }).waitFor()
    const { settings } = await world.server.manager.get('puno')
    expect(settings).toMatchObject({ pacing: { preset: 'careful' }, autoDownload: { image: 5_000_000 } })
    expect(settings).not.toHaveProperty('markOnline')
  })

  it('and nothing of it left the origin, broke its policy or threw', () => {
    expect(world.complaints).toEqual({ foreignRequests: [], policyViolations: [], errors: [] })
  })
})

import { type Phone, type Simulator, startSimulator } from '@trunkline/simulator'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildPage } from '../../examples/tenant-page/src/build-page.js'
import type { Tenant } from '../../examples/tenant-page/src/tenant.js'
import { startTenantHost, type TenantHost } from '../../examples/tenant-page/src/tenant-host.js'
import { launchChromium } from './browser.js'
import { shownQr } from './shown-qr.js'
import { chromiumOrReason } from './world.js'

const chromium = await chromiumOrReason()

describe.skipIf(chromium === undefined)("a tenant's page with one number", () => {
  let simulator: Simulator
  let whatsapp: { webSocketUrl: string; certPublicKey: Buffer }
  let pageFolder: string
  let host: TenantHost
  let browser: Browser
  let page: Page
  let [ana, carol]: Phone[] = []
  const errors: string[] = []

  beforeAll(async () => {
    simulator = await startSimulator()
    ana = await simulator.createPhone({ number: '15550000001', name: 'Ana' })
    carol = await simulator.createPhone({ number: '15550000002', name: 'Carol' })
    whatsapp = { webSocketUrl: simulator.url, certPublicKey: simulator.rootPublicKey }
    pageFolder = await buildPage()
    host = await startTenantHost({ whatsapp, pageFolder })
    browser = await launchChromium(chromium ?? '')
    page = await browser.newPage({ viewport: { width: 1100, height: 760 } })
    page.on('pageerror', (error) => errors.push(String(error)))
    await page.goto(host.url)
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await host.close()
    await simulator.close()
  })

  it('links by the code that it shows, which the phone of the shop scans', async () => {
    await page.getByRole('button', { name: 'Link your WhatsApp' }).click()
    await page.getByRole('dialog', { name: 'Link Ana’s Flowers' }).waitFor()
    await page.getByRole('img', { name: 'QR code to scan with WhatsApp' }).waitFor()
    await ana?.scanQr(await shownQr(page))
    await page.getByText('Ana is linked and receives messages.').waitFor()
    await page.getByRole('button', { name: 'Done' }).click()
    await page.getByText('WhatsApp: +15550000001').waitFor()
  })

  it('shows what a customer writes, and sends the answer', async () => {
    await carol?.sendText('15550000001', 'Do you have tulips?')
    await page.locator('[data-message]').filter({ hasText: 'Do you have tulips?' }).waitFor()
    await page.getByRole('textbox', { name: 'Message' }).fill('Yes, red ones.')
    await page.keyboard.press('Enter')
    const answer = await carol?.waitForMessage(({ fromMe }) => !fromMe)
    expect(answer?.text).toBe('Yes, red ones.')
  })

  it('has a key for which no other session exists', async () => {
    const { id } = await host.manager.create({ label: 'Another shop', start: false })
    const { apiKey, sessionId } = (await (await fetch(`${host.url}/me`)).json()) as Tenant
    const ask = (path: string) => fetch(`${host.url}/api${path}`, { headers: { 'x-api-key': apiKey } })
    expect((await ask(`/sessions/${sessionId}`)).status).toBe(200)
    expect((await ask(`/sessions/${id}`)).status).toBe(404)
    const { items } = (await (await ask('/sessions')).json()) as { items: { id: string }[] }
    expect(items.map((session) => session.id)).toEqual([sessionId])
    expect((await ask('/users')).status).toBe(403)
  })

  it('says that the codes have ended when nobody scanned one, and offers others', async () => {
    const hasty = await startTenantHost({ whatsapp: { ...whatsapp, qrLifetimeMs: 1_000 }, pageFolder })
    try {
      await page.goto(hasty.url)
      await page.getByRole('button', { name: 'Link your WhatsApp' }).click()
      await page.locator('.tl-qr').waitFor()
      await page.getByText('Nobody scanned in time').waitFor()
      expect(await hasty.manager.list()).toMatchObject({
        items: [{ status: 'stopped', statusReason: { code: 'QR_EXPIRED' } }],
      })
      expect(await page.locator('.tl-qr').count()).toBe(0)
      const shown = new Promise((resolve) => hasty.manager.on('qr', ({ attempt }) => attempt === 1 && resolve(true)))
      await page.getByRole('button', { name: 'Show a new code' }).click()
      await shown
      await page.locator('.tl-qr').waitFor()
    } finally {
      await hasty.close()
    }
  })

  it('throws nothing', () => {
    expect(errors).toEqual([])
  })
})

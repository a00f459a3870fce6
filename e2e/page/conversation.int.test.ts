import type { Phone } from '@trunkline/simulator'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumOrReason, PageWorld, signIn } from './world.js'

const chromium = await chromiumOrReason()

describe.skipIf(chromium === undefined)('a conversation in the page', () => {
  let world: PageWorld
  let page: Page
  let shop: Phone
  let carol: Phone
  beforeAll(async () => {
    world = await PageWorld.start(chromium ?? '')
    shop = await world.simulator.createPhone({ number: '15550000001', name: 'Shop' })
    carol = await world.simulator.createPhone({ number: '15550000003', name: 'Carol' })
    await world.link('shop', shop, { label: 'Tienda' })
    page = await world.open('/sessions/shop')
    await signIn(page)
  })
  afterAll(() => world.close())

  it('shows a message as it arrives, and its chat', async () => {
    await carol.sendText(shop.number, 'Is the blue one there?')
    await page.locator('.tl-chat').filter({ hasText: 'Is the blue one there?' }).click()
    await page.locator('[data-message]').filter({ hasText: 'Is the blue one there?' }).waitFor()
  })

  it('marks what is seen as read, and who wrote is told', async () => {
    const [message] = (await world.server.manager.messages('shop')).items
    const read = () => carol.receipts.filter(({ type }) => type === 'read').flatMap(({ ids }) => ids)
    while (!read().includes(message?.id ?? '')) await new Promise((resolve) => setTimeout(resolve, 50))
    await page.locator('.tl-unread').waitFor({ state: 'detached' })
  })

  it('shows a picture once somebody asks for it', async () => {
    const dot = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    )
    await carol.sendMedia(shop.jid, 'image', dot, { fields: { mimetype: 'image/png' } })
    await page.getByRole('button', { name: 'Open Photo' }).click()
    const shown = page.locator('.tl-media-shown > img')
    await shown.waitFor()
    expect(
      await shown.evaluate(
        '(image => image.decode().then(() => image.naturalWidth))(document.querySelector(".tl-media-shown > img"))',
      ),
    ).toBe(1)
  })

  it('sends a text that the phone of the other side decrypts, with its tick', async () => {
    await page.getByLabel('Write a message').fill('Yes, two of them')
    const read = carol.waitForMessage({ text: 'Yes, two of them' })
    await page.keyboard.press('Enter')
    expect((await read).text).toBe('Yes, two of them')
    const sent = page.locator('[data-message]').filter({ hasText: 'Yes, two of them' })
    await sent.getByTitle('Delivered').waitFor()
    expect(await sent.count()).toBe(1)
    await expect.poll(() => page.locator('textarea').inputValue()).toBe('')
  })

  it('keeps older messages on the server until somebody scrolls up to them', async () => {
    for (let number = 1; number <= 70; number += 1) await carol.sendText(shop.number, `Number ${number}`)
    await page.locator('[data-message]').filter({ hasText: 'Number 70' }).waitFor()
    await page.reload()
    await page.locator('[data-message]').filter({ hasText: 'Number 70' }).waitFor()
    const rows = await page.locator('.tl-message-row').count()
    expect(rows).toBeLessThan(40)
    expect(await page.getByText('Is the blue one there?').count()).toBe(0)
    const first = page.locator('[data-message]').filter({ hasText: 'Is the blue one there?' })
    const log = page.getByRole('log')
    // Each part of the way up asks for what comes before it.
    while ((await first.count()) === 0) {
      await log.evaluate((element: { scrollTo(x: number, y: number): void }) => element.scrollTo(0, 0))
      await page.evaluate('new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))')
    }
    await page.getByText('This is where the stored messages begin.').waitFor()
  })

  it('says why nothing can be sent while the session is stopped', async () => {
    await page.getByRole('button', { name: 'More actions: Tienda' }).click()
    await page.getByRole('menuitem', { name: 'Stop' }).click()
    await page.getByText('The session is not connected: nothing can be sent now.').waitFor()
    expect((await world.server.manager.get('shop')).status).toBe('stopped')
    await page.getByRole('button', { name: 'Start' }).click()
    await page.getByLabel('Write a message').waitFor()
  })

  it('is deleted with its session only after its name was typed, and WhatsApp has unlinked it', async () => {
    await page.getByRole('button', { name: 'More actions: Tienda' }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    const dialog = page.getByRole('dialog', { name: 'Delete Tienda?' })
    await dialog.getByText('Shop (+1 555 000 0001)').waitFor()
    expect(await dialog.getByRole('button', { name: 'Delete' }).isDisabled()).toBe(true)
    await dialog.getByLabel('Type Tienda to confirm').fill('Tienda')
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await page.getByText('Tienda was deleted').waitFor()
    await page.getByText('There is nothing here').waitFor()
    expect(shop.devices).toEqual([])
  })

  it('and nothing of it left the origin, broke its policy or threw', () => {
    expect(world.complaints).toEqual({ foreignRequests: [], policyViolations: [], errors: [] })
  })
})

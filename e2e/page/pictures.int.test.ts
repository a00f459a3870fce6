import type { Phone } from '@trunkline/simulator'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { jpegOf } from '../../packages/core/test/support/pictures.js'
import { chromiumOrReason, PageWorld, signIn } from './world.js'

const chromium = await chromiumOrReason()

describe.skipIf(chromium === undefined)('pictures of people in the page', () => {
  let world: PageWorld
  let page: Page
  let shop: Phone
  let carol: Phone
  const asked: string[] = []
  beforeAll(async () => {
    world = await PageWorld.start(chromium ?? '')
    shop = await world.simulator.createPhone({ number: '15550000001', name: 'Shop' })
    carol = await world.simulator.createPhone({ number: '15550000003', name: 'Carol' })
    await carol.setPicture(await jpegOf(64))
    const dan = await world.simulator.createPhone({ number: '15550000004', name: 'Dan' })
    await world.link('shop', shop, { label: 'Tienda' })
    await carol.sendText(shop.number, 'Is the blue one there?')
    await dan.sendText(shop.number, 'Hello')
    page = await world.open('/sessions/shop')
    page.on('response', (response) => {
      if (response.url().includes('/picture/file')) asked.push(`${response.status()} ${response.url()}`)
    })
    await signIn(page)
  })
  afterAll(() => world.close())

  const row = (text: string) => page.locator('.tl-chat').filter({ hasText: text })
  const pictureIn = (text: string) => row(text).locator('img.tl-avatar-picture')

  it('are shown beside the chats, and the first letters of whoever has none', async () => {
    await pictureIn('Is the blue one there?').waitFor()
    await row('Hello').getByText('D', { exact: true }).waitFor()
    const drawn = await pictureIn('Is the blue one there?').evaluate(
      '(image => image.decode().then(() => image.naturalWidth))(document.querySelector("img.tl-avatar-picture"))',
    )
    expect(drawn).toBe(64)
    expect(await pictureIn('Hello').count()).toBe(0)
  })

  it('are asked of the server once, whether there is one or not', async () => {
    await row('Is the blue one there?').click()
    await page.locator('.chat-head img.tl-avatar-picture').waitFor()
    await page.getByRole('tab', { name: 'Contacts' }).click()
    await page.locator('.people img.tl-avatar-picture').waitFor()
    await page.getByRole('tab', { name: 'Chats' }).click()
    await pictureIn('Is the blue one there?').waitFor()
    expect(asked.map((line) => line.slice(0, 3)).sort()).toEqual(['200', '404'])
  })

  it('are shown in full with what is known of a person', async () => {
    await page.getByRole('tab', { name: 'Contacts' }).click()
    await page.locator('.people').getByRole('button', { name: 'Carol' }).click()
    await page.getByRole('img', { name: 'Picture of ~Carol' }).waitFor()
    await page.keyboard.press('Escape')
  })

  it('are neither asked for nor shown where somebody has switched them off', async () => {
    const before = asked.length
    await page.getByRole('button', { name: 'Your account' }).click()
    await page.getByRole('menuitemradio', { name: "Show people's pictures" }).click()
    await page.locator('.people img.tl-avatar-picture').waitFor({ state: 'detached' })
    await page.reload()
    await page.locator('.people').getByRole('button', { name: 'Carol' }).waitFor()
    expect([asked.length, await page.locator('img.tl-avatar-picture').count()]).toEqual([before, 0])
  })

  it('and nothing of it left the origin, broke its policy or threw', () => {
    expect(world.complaints).toEqual({ foreignRequests: [], policyViolations: [], errors: [] })
  })
})

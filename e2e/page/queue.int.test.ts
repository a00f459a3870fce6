import type { Phone } from '@trunkline/simulator'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumOrReason, PageWorld, signIn } from './world.js'

const chromium = await chromiumOrReason()
const HOUR_S = 3_600

describe.skipIf(chromium === undefined)('what waits to be sent, in the page', () => {
  let world: PageWorld
  let page: Page
  let shop: Phone
  let carol: Phone
  beforeAll(async () => {
    world = await PageWorld.start(chromium ?? '')
    shop = await world.simulator.createPhone({ number: '15550000001', name: 'Shop' })
    carol = await world.simulator.createPhone({ number: '15550000003', name: 'Carol' })
    await world.link('shop', shop, { label: 'Tienda' })
    page = await world.open('/sessions/shop?tab=queue')
    await signIn(page)
    await page.getByText('Nothing waits').waitFor()
  })
  afterAll(() => world.close())

  const session = () => world.server.manager.session('shop')
  const waiting = () => page.getByRole('list', { name: 'Messages that wait' }).getByRole('listitem')
  const state = (name: string) => page.getByRole('tabpanel').getByText(name, { exact: true })
  const received = () => carol.messages.flatMap(({ fromMe, text }) => (fromMe || text === undefined ? [] : [text]))
  const queue = (text: string, options: { priority?: 'high' } = {}) =>
    session().messages.send({ to: carol.number, text, queue: true, ...options })

  it('is listed while the queue is paused by the page', async () => {
    await state('Running').waitFor()
    await page.getByText('This session has no limits of its own.').waitFor()
    await world.server.manager.update('shop', { settings: { pacing: { preset: 'off', perMinute: 20, perDay: 500 } } })
    await page.reload()
    await page.getByText('of 20', { exact: true }).waitFor()
    await page.getByText('of 500', { exact: true }).waitFor()
    await world.server.manager.update('shop', { settings: { pacing: null } })
    await page.reload()
    await page.getByText('This session has no limits of its own.').waitFor()
    await page.getByRole('button', { name: 'Pause' }).click()
    await state('Paused').waitFor()
    expect((await session().queue.get()).state).toBe('paused')
    await queue('one')
    await queue('two', { priority: 'high' })
    await queue('three')
    await waiting().filter({ hasText: 'three' }).waitFor()
    expect(await waiting().count()).toBe(3)
    await page.getByRole('heading', { name: '3 messages wait' }).waitFor()
    await page.getByText('Somebody to resume the queue').waitFor()
    await waiting().filter({ hasText: 'two' }).getByText('Goes first').waitFor()
    await waiting().filter({ hasText: 'two' }).getByText('+1 555 000 0003').waitFor()
  })

  it('stays listed while the session is stopped, with that as the reason once the queue is resumed', async () => {
    await world.server.manager.stopSession('shop')
    await page.getByRole('button', { name: 'Resume' }).click()
    await state('Not connected').waitFor()
    await page.getByText('The session to be connected').waitFor()
    expect(await waiting().count()).toBe(3)
    await page.getByRole('button', { name: 'Pause' }).click()
    await state('Paused').waitFor()
  })

  it('is canceled one by one, and the others reach the phone when the queue is resumed', async () => {
    const { items } = await session().queue.list()
    const canceled = items.find(({ message }) => message.text === 'two')?.message.id ?? ''
    await waiting().filter({ hasText: 'two' }).getByRole('button').click()
    await waiting().filter({ hasText: 'two' }).waitFor({ state: 'detached' })
    expect(await waiting().count()).toBe(2)
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    await page.getByText('Connected', { exact: true }).first().waitFor()
    expect(received()).toEqual([])
    await page.getByRole('button', { name: 'Resume' }).click()
    await carol.waitForMessage('three')
    await page.getByText('Nothing waits').waitFor()
    expect(received()).toEqual(['one', 'three'])
    expect((await world.server.manager.message('shop', { id: canceled })).status).toBe('canceled')
    expect(await page.locator('.big-number').filter({ hasText: 'Last minute' }).textContent()).toContain('2')
  })

  it('is cleared after a question that names the account', async () => {
    await page.getByRole('button', { name: 'Pause' }).click()
    await state('Paused').waitFor()
    await queue('four')
    await queue('five')
    await page.getByRole('heading', { name: '2 messages wait' }).waitFor()
    await page.getByRole('button', { name: 'Clear queue' }).click()
    const dialog = page.getByRole('dialog', { name: 'Clear the queue of Tienda?' })
    await dialog.getByText('Tienda (+1 555 000 0001)').waitFor()
    await dialog.getByRole('button', { name: 'Clear queue' }).click()
    await page.getByText('Nothing waits').waitFor()
    await page.getByRole('button', { name: 'Resume' }).click()
    await queue('six')
    await carol.waitForMessage('six')
    expect(received()).toEqual(['one', 'three', 'six'])
  })

  it('is said to be limited by WhatsApp at the top of the page for as long as it is, with its time', async () => {
    const notice = page.locator('.why').filter({ hasText: 'WhatsApp lets this account begin no new chats' })
    world.simulator.faults.lockReachOut(shop.number, Math.floor(Date.now() / 1_000) + HOUR_S)
    await notice.getByText('until').waitFor()
    await state('Limited by WhatsApp').waitFor()
    await page.getByRole('tab', { name: 'Details' }).click()
    await notice.waitFor()
    world.simulator.faults.lockReachOut(shop.number)
    await notice.waitFor({ state: 'detached' })
  })

  it('takes messages by itself while the session is stopped, once the settings say so', async () => {
    await page.getByRole('tab', { name: 'Settings' }).click()
    await page.getByLabel('Queue messages while not connected').check()
    await page.getByRole('button', { name: 'Save changes' }).click()
    await page.getByText('Saved', { exact: true }).waitFor()
    await world.server.manager.stopSession('shop')
    await session().messages.send({ to: carol.number, text: 'seven' })
    await page.getByRole('tab', { name: 'Queue' }).click()
    await waiting().filter({ hasText: 'seven' }).waitFor()
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    await carol.waitForMessage('seven')
    await page.getByText('Nothing waits').waitFor()
  })

  it('and nothing of it left the origin, broke its policy or threw', () => {
    expect(world.complaints).toEqual({ foreignRequests: [], policyViolations: [], errors: [] })
  })
})

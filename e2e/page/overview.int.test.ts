import type { Phone } from '@trunkline/simulator'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumOrReason, PageWorld, signIn } from './world.js'

const chromium = await chromiumOrReason()
const HOUR_MS = 3_600_000

describe.skipIf(chromium === undefined)('the overview', () => {
  let world: PageWorld
  let page: Page
  let shop: Phone
  let carol: Phone
  const scripts: string[] = []
  const hour = (before: number) => new Date((Math.floor(Date.now() / HOUR_MS) - before) * HOUR_MS).toISOString()

  beforeAll(async () => {
    world = await PageWorld.start(chromium ?? '', { URL_ALLOW: '127.0.0.1' })
    shop = await world.simulator.createPhone({ number: '15550000001', name: 'Shop' })
    carol = await world.simulator.createPhone({ number: '15550000003', name: 'Carol' })
    await world.link('shop', shop, { label: 'Tienda' })
    const { manager } = world.server
    await manager.store.traffic?.add([
      { sessionId: 'shop', at: hour(1), sent: 5, received: 7, failed: 1 },
      { sessionId: 'shop', at: hour(3 * 24), sent: 100, received: 200, failed: 0 },
      { sessionId: 'shop', at: hour(20 * 24), sent: 1_000, received: 2_000, failed: 3 },
    ])
    page = await world.open('/sessions')
    page.on('response', (response) => {
      if (response.url().endsWith('.js')) scripts.push(response.url())
    })
    await signIn(page)
    await page.getByRole('heading', { name: 'Sessions', exact: true }).waitFor()
  })
  afterAll(() => world.close())

  const cells = async () => page.getByRole('region', { name: 'Messages' }).getByRole('cell').allTextContents()
  const isCanvas = () => page.getByRole('region', { name: 'Messages' }).locator('canvas').waitFor()

  it('fetches what draws charts with the first chart, and not before', async () => {
    expect(scripts.filter((url) => url.includes('chart'))).toEqual([])
    await page.getByRole('link', { name: 'Overview' }).click()
    await isCanvas()
    expect(scripts.filter((url) => url.includes('traffic-chart'))).toHaveLength(1)
  })

  it('tells messages of a day, a week and a month, to eyes by bars and to others by a table', async () => {
    expect(await cells()).toEqual(['7', '5', '1'])
    await page.getByRole('button', { name: '7 days' }).click()
    await page.getByRole('table', { name: 'The last 7 days' }).waitFor()
    await page.getByRole('cell', { name: '200' }).waitFor()
    expect((await cells()).map(Number).reduce((sum, count) => sum + count, 0)).toBe(300 + 13)
    await page.getByRole('button', { name: '30 days' }).click()
    await page.getByRole('cell', { name: '2,000' }).waitFor()
    await isCanvas()
  })

  it('draws in the colours of the theme', async () => {
    const ink = async () => (await page.locator('.chart canvas').screenshot()).toString('base64')
    await page.emulateMedia({ colorScheme: 'light' })
    const light = await ink()
    await page.emulateMedia({ colorScheme: 'dark' })
    await expect.poll(ink).not.toBe(light)
    await page.emulateMedia({ colorScheme: 'light' })
  })

  it('counts what is really sent and received, also when the server has been started again', async () => {
    const { manager } = world.server
    const arrived = new Promise((resolve) => manager.on('message', resolve))
    await carol.sendText(shop.number, 'Hello')
    await arrived
    await manager.send('shop', { to: carol.number, text: 'Good day' })
    await world.stopServer()
    await world.startServerAgain()
    const { manager: next } = world.server
    const [last] = (await next.traffic({ hours: 1 })).slice(-1)
    expect(last).toMatchObject({ at: hour(0), sent: 1, received: 1 })
  })

  it('tells which queues are long and why, and which webhooks fail', async () => {
    const { manager } = world.server
    const { queue, messages } = manager.session('shop')
    await queue.pause()
    await messages.send({ to: carol.number, text: 'one', queue: true })
    await messages.send({ to: carol.number, text: 'two', queue: true })
    await manager.webhooks.create({ url: 'http://127.0.0.1:9/a' })
    await manager.webhooks.create({ url: 'http://127.0.0.1:9/b', enabled: false })
    await page.goto(`${world.url}/`)
    await page.getByText('2 messages').waitFor()
    await page.getByRole('listitem').filter({ hasText: 'Tienda · Paused' }).waitFor()
    await page.getByRole('listitem').filter({ hasText: 'Off' }).getByText('1').waitFor()
    await page.getByRole('link', { name: 'Tienda' }).last().click()
    await page.getByRole('heading', { name: '2 messages wait' }).waitFor()
  })

  it('asks nothing of other origins, keeps its policy and throws nothing', () => {
    expect(world.complaints).toEqual({ foreignRequests: [], policyViolations: [], errors: [] })
  })
})

import { readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumOrReason, PageWorld, signIn } from './world.js'

const chromium = await chromiumOrReason()
const MANY = 500
const MOST_ROWS = 60
const MOST_KILOBYTES = 150

describe.skipIf(chromium === undefined)('five hundred sessions', () => {
  let world: PageWorld
  let page: Page
  const scripts = new Set<string>()
  beforeAll(async () => {
    world = await PageWorld.start(chromium ?? '')
    for (let number = 1; number <= MANY; number += 1)
      await world.server.manager.create({ id: `shop-${number}`, label: `Shop ${number}`, start: false })
    page = await world.open('/sessions')
    page.on('response', (response) => {
      const [, name] = /\/assets\/(.+\.js)$/.exec(new URL(response.url()).pathname) ?? []
      if (name) scripts.add(name)
    })
    await page.reload()
    await signIn(page)
  }, 180_000)
  afterAll(() => world.close())

  it(`are a list with ${MOST_ROWS} rows at most in the page, to its end`, async () => {
    await page.getByText('500 sessions').waitFor()
    await page.getByRole('link', { name: 'Shop 1', exact: true }).waitFor()
    const list = page.locator('.tl-list')
    expect(await page.locator('[data-session]').count()).toBeLessThanOrEqual(MOST_ROWS)
    await list.evaluate((element: { scrollTo(x: number, y: number): void; scrollHeight: number }) =>
      element.scrollTo(0, element.scrollHeight),
    )
    await page.getByRole('link', { name: 'Shop 500', exact: true }).waitFor()
    expect(await page.locator('[data-session]').count()).toBeLessThanOrEqual(MOST_ROWS)
  })

  it('are found by a word, and counted by state', async () => {
    await page.getByLabel('Search by name, id or number').fill('shop 499')
    await page.getByRole('link', { name: 'Shop 499' }).waitFor()
    await page.getByRole('link', { name: 'Shop 498' }).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Stopped 500' }).waitFor()
    await page.getByLabel('Search by name, id or number').fill('')
  })

  it('change their state in the page while somebody scrolls', async () => {
    const { manager } = world.server
    const ids = Array.from({ length: 3 }, (_, at) => `shop-${at + 1}`)
    await Promise.all(ids.map((id) => manager.startSession(id)))
    await page.getByRole('button', { name: 'Stopped 497' }).waitFor()
    await Promise.all(ids.map((id) => manager.stopSession(id)))
    await page.getByRole('button', { name: 'Stopped 500' }).waitFor()
  })

  it('are chosen together, and asked about by name before they are deleted', async () => {
    await page.getByLabel('Search by name, id or number').fill('shop 49')
    await page.getByRole('link', { name: 'Shop 490' }).waitFor()
    await page.getByRole('link', { name: 'Shop 100' }).waitFor({ state: 'detached' })
    await page.getByLabel('Select all shown').check()
    await page.getByText('11 selected').waitFor()
    await page.getByRole('toolbar').getByRole('button', { name: 'Delete' }).click()
    const dialog = page.getByRole('dialog', { name: 'Delete 11 sessions?' })
    await dialog.getByText('Shop 49', { exact: true }).waitFor()
    await dialog.getByText('and 5 more').waitFor()
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await page.getByText('Done for 11 sessions').waitFor()
    await page.getByText('489 sessions').waitFor()
    await expect(world.server.manager.get('shop-49')).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' })
  })

  it(`cost ${MOST_KILOBYTES} kB of scripts at the first load, zipped`, () => {
    const folder = new URL('../../packages/dashboard/dist/page/assets/', import.meta.url)
    expect(readdirSync(folder)).toEqual(expect.arrayContaining([...scripts]))
    const bytes = [...scripts].map((name) => gzipSync(readFileSync(new URL(name, folder))).length)
    const kilobytes = bytes.reduce((sum, size) => sum + size, 0) / 1000
    expect(scripts.size).toBeGreaterThan(1)
    expect(kilobytes).toBeLessThanOrEqual(MOST_KILOBYTES)
  })
})

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumOrReason, PageWorld, signIn } from './world.js'

const chromium = await chromiumOrReason()

describe.skipIf(chromium === undefined)('the maintenance in the page', () => {
  let world: PageWorld
  let page: Page
  beforeAll(async () => {
    world = await PageWorld.start(chromium ?? '', { HEALTH_CHECK_INTERVAL: '10m' })
    page = await world.open('/maintenance')
    await signIn(page)
  })
  afterAll(() => world.close())

  const card = (name: string) => page.getByRole('region', { name })
  const kept = async () => (await world.server.manager.store.installation?.read())?.maintenance
  const openSettings = async (name: string) => {
    const step = card(name)
    const change = step.getByRole('button', { name: `Change: ${name}` })
    if (!(await change.isVisible())) await step.getByText('Settings', { exact: true }).click()
    await change.click()
    return page.getByRole('dialog', { name: `Change: ${name}` })
  }

  it('is changed for all nodes: how often, and never, and says where each value comes from', async () => {
    const dialog = await openSettings('Health checks')
    await dialog.getByText('Now: 10 minutes').waitFor()
    await dialog.getByLabel('As at the start of the server').uncheck()
    await dialog.getByLabel('Every: how much').fill('90')
    await dialog.getByLabel('Every: unit').selectOption('minutes')
    await dialog.getByRole('button', { name: 'Save changes' }).click()
    const health = card('Health checks')
    await health.getByText('Set here').waitFor()
    await health.getByText('90 minutes', { exact: true }).waitFor()
    expect(await kept()).toEqual({ healthCheckIntervalMs: 5_400_000 })
    const cleanup = await openSettings('Inactive sessions')
    await cleanup.getByLabel('As at the start of the server').first().uncheck()
    await cleanup.getByLabel('Every: unit').selectOption('Never')
    await cleanup.getByRole('button', { name: 'Save changes' }).click()
    await cleanup.waitFor({ state: 'detached' })
    expect(await kept()).toEqual({ healthCheckIntervalMs: 5_400_000, cleanupIntervalMs: 'off' })
    const steps = await world.server.manager.maintenance()
    expect(steps.find(({ name }) => name === 'cleanup')?.intervalSeconds).toBeUndefined()
  })

  it('takes no time that is none, and says so beside it', async () => {
    const dialog = await openSettings('Health checks')
    for (const wrong of ['', '0', '1.5', 'soon', '999999']) {
      await dialog.getByLabel('Every: how much').fill(wrong)
      await dialog.getByRole('button', { name: 'Save changes' }).click()
      await dialog.getByRole('alert').getByText('Write a whole number, from 1 second to 366 days.').waitFor()
    }
    await page.keyboard.press('Escape')
    expect(await kept()).toEqual({ healthCheckIntervalMs: 5_400_000, cleanupIntervalMs: 'off' })
  })

  it('does not overwrite what somebody else has changed meanwhile, unless it is saved again', async () => {
    const dialog = await openSettings('Health checks')
    await world.server.manager.updateMaintenance({ revision: 2, settings: { healthCheckIntervalMs: 60_000 } })
    await dialog.getByLabel('Every: how much').fill('20')
    await dialog.getByRole('button', { name: 'Save changes' }).click()
    await dialog.getByRole('alert').getByText('Somebody else has changed this meanwhile.').waitFor()
    await dialog.getByText('Now: 1 minute').waitFor()
    expect((await kept())?.healthCheckIntervalMs).toBe(60_000)
    await dialog.getByRole('button', { name: 'Save changes' }).click()
    await dialog.waitFor({ state: 'detached' })
    expect((await kept())?.healthCheckIntervalMs).toBe(1_200_000)
  })

  it('goes back to what the server was started with', async () => {
    const dialog = await openSettings('Health checks')
    await dialog.getByLabel('As at the start of the server').check()
    await dialog.getByRole('button', { name: 'Save changes' }).click()
    await dialog.waitFor({ state: 'detached' })
    const health = card('Health checks')
    await health.getByText('HEALTH_CHECK_INTERVAL').waitFor()
    await health.getByText('10 minutes', { exact: true }).waitFor()
    expect(await kept()).toEqual({ cleanupIntervalMs: 'off' })
  })

  it('leaves how long data is kept to the start of the server, and says why', async () => {
    const old = card('Old data')
    await old.getByText('Settings', { exact: true }).click()
    await old.getByText('nobody who has taken over a login of this page may shorten it').waitFor()
    expect(await old.getByRole('button', { name: 'Change' }).count()).toBe(0)
  })

  it('shows settings without a form where the store keeps none', async () => {
    await page.route('**/api/maintenance', async (route) => {
      const answer = await route.fetch()
      const { changes: _, ...body } = await answer.json()
      await route.fulfill({ response: answer, json: body })
    })
    await page.reload()
    const health = card('Health checks')
    await health.getByText('Settings', { exact: true }).click()
    await health.getByText('HEALTH_CHECK_INTERVAL').waitFor()
    expect(await page.getByRole('button', { name: 'Change' }).count()).toBe(0)
    await page.getByText('The server reads these settings from the variables beside them').waitFor()
  })
})

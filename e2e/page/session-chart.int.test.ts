import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumOrReason, PageWorld, signIn } from './world.js'

const chromium = await chromiumOrReason()
const HOUR_MS = 3_600_000

/** Pixels of one bar. */
interface Bar {
  received: number
  sent: number
  failed: number
}

describe.skipIf(chromium === undefined)("a session's page over time", () => {
  let world: PageWorld
  let page: Page
  const hour = (before: number) => new Date((Math.floor(Date.now() / HOUR_MS) - before) * HOUR_MS).toISOString()
  const counts = [
    { before: 2, received: 40, sent: 25, failed: 0 },
    { before: 5, received: 12, sent: 30, failed: 8 },
    { before: 9, received: 0, sent: 50, failed: 0 },
  ]

  beforeAll(async () => {
    world = await PageWorld.start(chromium ?? '')
    const shop = await world.simulator.createPhone({ number: '15550000001', name: 'Shop' })
    await world.link('shop', shop, { label: 'Tienda' })
    const { manager } = world.server
    await manager.create({ id: 'other', label: 'Other', start: false })
    await manager.store.traffic?.add([
      ...counts.map(({ before, ...rest }) => ({ sessionId: 'shop', at: hour(before), ...rest })),
      // Of another session: nothing of it may be seen here.
      { sessionId: 'other', at: hour(3), sent: 500, received: 500, failed: 500 },
    ])
    page = await world.open('/sessions/shop?tab=details')
    await signIn(page)
  })
  afterAll(() => world.close())

  it('draws for each hour what the server has counted of this session, and of no other', async () => {
    const told = await world.server.manager.traffic({ ids: ['shop'], hours: 24 })
    const most = Math.max(...told.map(({ received, sent, failed }) => received + sent + failed))
    await page.locator('.chart canvas').waitFor()
    const { bars, height } = (await page.evaluate(READ_BARS)) as { bars: Bar[]; height: number }
    // The axis ends a little above the highest bar.
    const pixels = height / (most * 1.08)
    const seen = bars.flatMap(({ received, sent, failed }, at) =>
      received + sent + failed > 0
        ? [{ at, received: received / pixels, sent: sent / pixels, failed: failed / pixels }]
        : [],
    )
    // Counted from the first of them, so that it does not matter when an hour ends.
    const since = ({ at }: { at: number }) => at - (seen[0]?.at ?? 0)
    const begin = Date.parse(told[0]?.at ?? '')
    expect(seen.map(since)).toEqual(told.map(({ at }) => (Date.parse(at) - begin) / HOUR_MS))
    // One is some pixels high; its edges are blurred.
    for (const [index, held] of told.entries())
      for (const what of ['received', 'sent', 'failed'] as const)
        expect(Math.abs((seen[index]?.[what] ?? 0) - held[what]), `${what} at ${held.at}`).toBeLessThan(1)
  })

  it('tells the same by numbers to who does not see it', async () => {
    const rows = page.getByRole('region', { name: 'Messages' }).getByRole('row')
    const cells = await Promise.all((await rows.all()).map((row) => row.getByRole('cell').allTextContents()))
    expect(cells.filter((row) => row.length > 0)).toEqual([
      ['0', '50', '0'],
      ['12', '30', '8'],
      ['40', '25', '0'],
    ])
  })

  it('lists each attempt and each end of a connection that the server holds, newest first', async () => {
    const { manager } = world.server
    const back = new Promise<void>((resolve) => {
      let lost = false
      manager.on('session.status', ({ sessionId, status }) => {
        if (sessionId !== 'shop') return
        if (status === 'reconnecting') lost = true
        if (lost && status === 'connected') resolve()
      })
    })
    world.simulator.faults.kill('15550000001')
    await back
    const { attemptsLog } = await manager.details('shop')
    expect(attemptsLog.map(({ outcome }) => outcome)).toContain('close')
    const times = () => page.locator('.log time').evaluateAll((all) => all.map((one) => one.getAttribute('datetime')))
    const held = attemptsLog
      .map(({ at }) => at)
      .sort()
      .toReversed()
    await expect.poll(times).toEqual(held)
    await page.locator('.log li').filter({ hasText: 'The connection was lost' }).waitFor()
    expect(await page.locator('.log li').filter({ hasText: 'Connected' }).count()).toBe(
      attemptsLog.filter(({ outcome }) => outcome === 'open').length,
    )
  })
})

/** How many pixels of each colour are painted in the middle of each of the 24 bars, and how many there are. */
const READ_BARS = `(() => {
  const chart = document.querySelector('.chart')
  const canvas = chart.querySelector('canvas')
  const over = chart.querySelector('.u-over')
  const scale = canvas.width / canvas.getBoundingClientRect().width
  const left = (over.getBoundingClientRect().left - canvas.getBoundingClientRect().left) * scale
  const top = (over.getBoundingClientRect().top - canvas.getBoundingClientRect().top) * scale
  const [width, height] = [over.clientWidth * scale, over.clientHeight * scale]
  const probe = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const rgb = (name) => {
    const span = document.createElement('span')
    span.style.color = 'var(' + name + ')'
    chart.append(span)
    probe.fillStyle = getComputedStyle(span).color
    span.remove()
    probe.fillRect(0, 0, 1, 1)
    return [...probe.getImageData(0, 0, 1, 1).data]
  }
  const colours = { received: rgb('--tl-chart-received'), sent: rgb('--tl-accent'), failed: rgb('--tl-bad') }
  const bars = []
  const context = canvas.getContext('2d')
  for (let at = 0; at < 24; at += 1) {
    const x = Math.round(left + ((at + 0.6) / 24.2) * width)
    const { data } = context.getImageData(x, Math.round(top), 1, Math.round(height))
    const bar = { received: 0, sent: 0, failed: 0 }
    for (let y = 0; y < data.length; y += 4)
      for (const [name, colour] of Object.entries(colours))
        if ([0, 1, 2].every((part) => Math.abs(data[y + part] - colour[part]) <= 3) && data[y + 3] > 250) bar[name] += 1
    bars.push(bar)
  }
  return { bars, height }
})()`

// How long the admin page takes from a press to the next paint, with 500 sessions and the processor slowed four times.
import { chromiumOrReason, PageWorld, signIn } from '../../e2e/page/world.js'

const SESSIONS = 500
const SLOWER = 4

const chromium = await chromiumOrReason()
if (chromium === undefined) process.exit(1)
const world = await PageWorld.start(chromium)
try {
  for (let at = 0; at < SESSIONS; at += 1)
    await world.server.manager.create({ id: `shop-${at}`, label: `Shop ${at}`, start: false })
  const page = await world.open('/sessions')
  await signIn(page)
  await page.locator('[data-session]').first().waitFor()
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: SLOWER })
  // The browser's own measure of an interaction: from the input to the frame after its handlers, in steps of 8 ms.
  await page.evaluate(`
    window.interactions = []
    new PerformanceObserver((list) => {
      for (const { name, duration, interactionId } of list.getEntries())
        if (interactionId > 0) window.interactions.push([name, duration])
    }).observe({ type: 'event', durationThreshold: 16, buffered: false })`)

  const search = page.getByLabel('Search by name, id or number')
  for (let round = 0; round < 5; round += 1) {
    await search.click()
    await page.keyboard.type('shop 49')
    await page.getByRole('link', { name: 'Shop 490' }).waitFor()
    await search.fill('')
    await page.locator('[data-session]').nth(11).waitFor()
    await page.getByLabel('Select all shown').click()
    await page.getByText('500 selected').waitFor()
    await page.getByRole('button', { name: 'Clear selection' }).click()
    await page.getByLabel('Sort by').selectOption('name')
    await page.getByLabel('Sort by').selectOption('attention')
    await page
      .getByRole('button', { name: /^More actions: / })
      .first()
      .click()
    await page.keyboard.press('Escape')
  }
  await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 200)))')
  const measured = (await page.evaluate('window.interactions')) as [string, number][]
  const durations = measured.map(([, duration]) => duration).sort((one, other) => one - other)
  const at = (part: number) => durations[Math.min(durations.length - 1, Math.floor(durations.length * part))] ?? 0
  console.log(`| events of interactions over 16 ms | median | 98 % | longest |\n|---|---|---|---|`)
  console.log(`| ${durations.length} | ${at(0.5)} ms | ${at(0.98)} ms | ${at(1)} ms |`)
} finally {
  await world.close()
}

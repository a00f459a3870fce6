// How long the admin page takes from a press to the next paint, with 500 sessions and the processor slowed four times, while nothing
// happens and while sixty of them change their state; and what its main thread does for that, which is no longer on a busy machine.
import { visitSessions } from '../../e2e/page/visit-sessions.js'
import { chromiumOrReason, PageWorld, signIn } from '../../e2e/page/world.js'

type Page = Awaited<ReturnType<PageWorld['open']>>
type DevTools = Awaited<ReturnType<ReturnType<Page['context']>['newCDPSession']>>

const SESSIONS = 500
const CHANGING = 60
const SLOWER = 4
const ROUNDS = 5

const chromium = await chromiumOrReason()
if (chromium === undefined) process.exit(1)
const world = await PageWorld.start(chromium)
try {
  const { manager } = world.server
  for (let at = 1; at <= SESSIONS; at += 1)
    await manager.create({ id: `shop-${at}`, label: `Shop ${at}`, start: false })
  const page = await world.open('/sessions')
  await signIn(page)
  await page.getByText(`${SESSIONS} sessions`).waitFor()
  // By what needs attention, rows change their places while somebody presses them.
  await page.getByLabel('Sort by').selectOption('Name')
  // The browser's own measure of an interaction: from the input to the frame after its handlers, in steps of 8 ms.
  await page.evaluate(`
    window.interactions = new Map()
    new PerformanceObserver((list) => {
      for (const { duration, interactionId } of list.getEntries())
        if (interactionId > 0)
          window.interactions.set(interactionId, Math.max(duration, window.interactions.get(interactionId) ?? 0))
    }).observe({ type: 'event', durationThreshold: 16, buffered: false })`)
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' })

  const ids = Array.from({ length: CHANGING }, (_, at) => `shop-${at + 1}`)
  const withChanges = async (work: () => Promise<void>) => {
    const starting = Promise.all(ids.map((id) => manager.startSession(id)))
    await work()
    await starting
    await Promise.all(ids.map((id) => manager.stopSession(id)))
    await page.getByRole('button', { name: `Stopped ${SESSIONS}` }).waitFor()
  }
  const situations: [string, (work: () => Promise<void>) => Promise<void>][] = [
    ['nothing happens', (work) => work()],
    [`${CHANGING} sessions start and stop`, withChanges],
  ]
  console.log('| while | interactions | median | 98 % | longest | CPU of scripts | of styles | of layout |')
  console.log('|---|---|---|---|---|---|---|---|')
  for (const [name, around] of situations) {
    // Unslowed, because the browser slows a thread down by keeping it busy.
    const before = await cpuOf(devtools)
    for (let round = 0; round < ROUNDS; round += 1) await around(() => visitSessions(page))
    const after = await cpuOf(devtools)
    const cpu = after.map((ms, at) => `${Math.round((ms - (before[at] ?? 0)) / ROUNDS)} ms`)
    await page.evaluate('window.interactions.clear()')
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: SLOWER })
    for (let round = 0; round < ROUNDS; round += 1) await around(() => visitSessions(page))
    await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 200)))')
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: 1 })
    const durations = ((await page.evaluate('[...window.interactions.values()]')) as number[]).sort((a, b) => a - b)
    const at = (part: number) => durations[Math.min(durations.length - 1, Math.floor(durations.length * part))] ?? 0
    const times = [at(0.5), at(0.98), at(1)].map((ms) => `${ms} ms`)
    console.log(`| ${[name, durations.length, ...times, ...cpu].join(' | ')} |`)
  }
} finally {
  await world.close()
}

/** What the main thread spent so far, in milliseconds: scripts, styles, layout. */
async function cpuOf(devtools: DevTools): Promise<number[]> {
  const { metrics } = await devtools.send('Performance.getMetrics')
  const spent = (wanted: string) => (metrics.find(({ name }) => name === wanted)?.value ?? 0) * 1_000
  return ['ScriptDuration', 'RecalcStyleDuration', 'LayoutDuration'].map(spent)
}

// The page without a mouse: whatever can be clicked is reached by Tab, is seen where the focus is and has a name, and the main work of
// each page is done by keys alone.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ADMIN, chromiumOrReason, PageWorld } from './world.js'

const chromium = await chromiumOrReason()

const PATHS = [
  '/',
  '/sessions',
  '/sessions/shop?tab=chats',
  '/sessions/shop?tab=chats&chat=15550000003',
  '/sessions/shop?tab=details',
  '/sessions/shop?tab=settings',
  '/sessions/shop?tab=groups',
  '/sessions/shop?tab=contacts',
  '/sessions/shop?tab=queue',
  '/events',
  '/users',
  '/keys',
  '/webhooks',
  '/audit',
  '/maintenance',
]

/** More than any page has. */
const MOST_STOPS = 150

interface Stop {
  /** Of the thing itself, given by `MARK`. */
  id: number
  name: string
  visible: boolean
  /** Whether there is a frame around it. */
  seen: boolean
}

describe.skipIf(chromium === undefined)('the page with the keyboard alone', () => {
  let world: PageWorld
  let page: Page
  beforeAll(async () => {
    world = await PageWorld.start(chromium ?? '', { URL_ALLOW: '127.0.0.1' })
    const { simulator, server } = world
    const shop = await simulator.createPhone({ number: '15550000001', name: 'Shop' })
    const carol = await simulator.createPhone({ number: '15550000003', name: 'Carol' })
    await world.link('shop', shop, { label: 'Tienda' })
    await server.manager.create({ id: 'help', label: 'Help', start: false })
    const arrived = new Promise((resolve) => server.manager.on('message', resolve))
    await carol.sendText(shop.number, 'Hello')
    await arrived
    await server.manager.webhooks.create({ url: 'http://127.0.0.1:9/first' })
    page = await world.open('/')
    await page.getByLabel('E-mail').waitFor()
    await page.keyboard.type(ADMIN.email)
    await page.keyboard.press('Tab')
    await page.keyboard.type(ADMIN.password)
    await page.keyboard.press('Enter')
    await page.locator('.page-head h1').waitFor()
  })
  afterAll(() => world.close())

  it.each(PATHS)(
    '%s: Tab reaches what can be clicked, each with a name and a visible focus, and goes on',
    async (path) => {
      await go(path)
      const wanted = (await page.evaluate(MARK)) as { id: number; what: string }[]
      expect(wanted.length).toBeGreaterThan(5)
      const stops = await walk()
      const reached = new Set(stops.map(({ id }) => id))
      expect(wanted.filter(({ id }) => !reached.has(id)).map(({ what }) => what)).toEqual([])
      expect(stops.filter(({ name }) => name === '')).toEqual([])
      expect(stops.filter(({ visible }) => !visible)).toEqual([])
      expect(stops.filter(({ seen }) => !seen)).toEqual([])
    },
  )

  it('a key is made, kept and ended', async () => {
    await go('/keys')
    await press('New key', 'Enter')
    const dialog = page.getByRole('dialog')
    await dialog.waitFor()
    await page.keyboard.type('Cash desk')
    await page.keyboard.press('Enter')
    await page.getByTestId('once').waitFor()
    await press('I have kept it', 'Enter')
    await page.getByText('Cash desk').waitFor()
    expect(await keyNames()).toEqual(['Cash desk'])
    await press('End key: Cash desk', 'Enter')
    await page.getByRole('dialog').waitFor()
    await press('End key', 'Enter')
    await page.getByText('No API keys yet').waitFor()
    expect(await keyNames()).toEqual([])
  })

  it('a webhook is made', async () => {
    await go('/webhooks')
    await press('New webhook', 'Enter')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.type('http://127.0.0.1:9/second')
    await page.keyboard.press('Enter')
    await page.getByTestId('once').waitFor()
    await press('I have kept it', 'Enter')
    const { items } = await world.server.manager.webhooks.list()
    expect(items.map(({ url }) => url).sort()).toEqual(['http://127.0.0.1:9/first', 'http://127.0.0.1:9/second'])
  })

  it('sessions are filtered and searched, and chosen', async () => {
    await go('/sessions')
    await page.getByRole('link', { name: 'Tienda' }).waitFor()
    await press(/^Stopped/, 'Space')
    await page.getByRole('link', { name: 'Tienda' }).waitFor({ state: 'detached' })
    await press(/^All/, 'Space', { back: true })
    await page.getByRole('link', { name: 'Tienda' }).waitFor()
    await tabTo('Search by name, id or number', { back: true })
    await page.keyboard.type('help')
    await page.getByRole('link', { name: 'Tienda' }).waitFor({ state: 'detached' })
    await press('Select all shown', 'Space')
    await page.getByText('1 selected').waitFor()
  })

  it('live events are paused, go on, and are opened', async () => {
    await go('/events')
    await press('Pause', 'Enter')
    await page.getByText('Paused. 0 events wait.').waitFor()
    const { manager } = world.server
    await manager.create({ id: 'while-paused', start: false })
    await page.getByText('Paused. 1 event waits.').waitFor()
    await press('Go on', 'Enter')
    await press(/session\.created/, 'Enter')
    await page.getByRole('dialog', { name: 'Event session.created of while-paused' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await focused()).toMatch(/session\.created/)
  })

  it('a chat is opened and answered', async () => {
    await go('/sessions/shop?tab=chats')
    await press(/^~Carol/, 'Enter')
    await page.locator('[data-message]').first().waitFor()
    await tabTo('Write a message')
    const sent = new Promise<string | undefined>((resolve) =>
      world.server.manager.on('message-sent', ({ message }) => resolve(message?.text)),
    )
    await page.keyboard.type('Good day')
    await page.keyboard.press('Enter')
    await sent
    const { items } = await world.server.manager.messages('shop', { limit: 5 })
    expect(items.map(({ text }) => text)).toContain('Good day')
  })

  it('the maintenance is changed', async () => {
    await go('/maintenance')
    await press('Settings', 'Enter')
    await press('Change: Health checks', 'Enter')
    await page.getByRole('dialog').waitFor()
    await press('As at the start of the server', 'Space')
    await tabTo('Every: how much')
    await page.keyboard.press('Control+a')
    await page.keyboard.type('7')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByText('Set here', { exact: true }).waitFor()
    expect((await world.server.manager.maintenanceChanges())?.settings).toEqual({ healthCheckIntervalMs: 420_000 })
    expect(await focused()).toBe('Change: Health checks')
  })

  async function go(path: string): Promise<void> {
    await page.goto(`${world.url}${path}`)
    await page.locator('.page-head h1').waitFor({ state: 'attached' })
    await page.locator('.tl-spinner-large').first().waitFor({ state: 'detached' })
    if (path.includes('chat=')) await page.locator('[data-message]').first().waitFor()
  }

  /** All that Tab comes to, from the beginning of the page until it leaves it, or is back. */
  async function walk(): Promise<Stop[]> {
    await page.evaluate('document.activeElement?.blur(); window.getSelection()?.removeAllRanges()')
    const stops: Stop[] = []
    for (let presses = 0; presses < MOST_STOPS; presses += 1) {
      await page.keyboard.press('Tab')
      const stop = (await page.evaluate(LOOK)) as Stop | null
      if (stop === null || stops.some(({ id }) => id === stop.id)) return stops
      stops.push(stop)
    }
    throw new Error(`Tab never leaves the page: ${stops.slice(-3).map(({ name }) => name)}`)
  }

  async function press(name: string | RegExp, key: string, options?: { back: boolean }): Promise<void> {
    await tabTo(name, options)
    await page.keyboard.press(key)
  }

  async function tabTo(name: string | RegExp, { back } = { back: false }): Promise<void> {
    const fits = (text: string) => (typeof name === 'string' ? text === name : name.test(text))
    const passed = new Set<string>()
    for (let presses = 0; presses < MOST_STOPS; presses += 1) {
      const at = await focused()
      if (fits(at)) return
      passed.add(at)
      await page.keyboard.press(back ? 'Shift+Tab' : 'Tab')
    }
    throw new Error(`${name} is not reached by the keyboard, which comes to ${[...passed].join(', ')}`)
  }

  async function focused(): Promise<string> {
    return ((await page.evaluate(LOOK)) as Stop | null)?.name ?? ''
  }

  async function keyNames(): Promise<string[]> {
    const { store } = world.server.manager
    const page = await store.apiKeys?.list({ limit: 9 })
    return page?.items.map(({ name }) => name) ?? []
  }
})

const CLICKABLE =
  'a[href], button:not([disabled]), input:not([disabled]):not([type=hidden]), select:not([disabled]), textarea:not([disabled]), summary, [role=tab], [tabindex="0"]'

/**
 * Gives each thing on the page that can be clicked a number, and tells those that Tab has to come to. Of a group that arrow keys go
 * through, such as tabs, radio buttons and what can be done with a message, one stands for all: the others say so by their tabindex.
 */
const MARK = `(() => {
  window.numberOf = (element) => (element.dataset.walk ??= String((window.walked = (window.walked ?? 0) + 1)))
  const isShown = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0
  const isOneOfGroup = (element) => element.tabIndex < 0 || (element.type === 'radio' && !element.checked)
  return [...document.querySelectorAll('${CLICKABLE}')]
    .filter((element) => isShown(element) && !isOneOfGroup(element))
    .map((element) => ({ id: Number(window.numberOf(element)), what: element.outerHTML.slice(0, 160) }))
})()`

/** What has the focus: what it is called, whether it can be seen, and whether it looks focused. `null` for the page itself. */
const LOOK = `(() => {
  const element = document.activeElement
  if (!element || element === document.body || element === document.documentElement) return null
  // What is drawn for eyes alone is no name.
  const textOf = (one) => {
    const copy = one.cloneNode(true)
    for (const hidden of copy.querySelectorAll('[aria-hidden=true]')) hidden.remove()
    return copy.textContent
  }
  const labelled = (element.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent)
  const names = [
    element.getAttribute('aria-label'), labelled.join(' ').trim(), element.labels?.[0] && textOf(element.labels[0]),
    element.matches('input, select, textarea') ? '' : textOf(element), element.getAttribute('title'),
  ]
  const name = (names.find((text) => text && text.trim() !== '') ?? '').trim()
  const box = element.getBoundingClientRect()
  const visible = box.width > 0 && box.height > 0 && box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight
  // The frame around it, or around what it stands in.
  const isOutlined = (one) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(one)
    return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0
  }
  const seen = isOutlined(element) || isOutlined(element.parentElement)
  return { id: Number(window.numberOf ? window.numberOf(element) : 0), name, visible, seen }
})()`

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RunningServer, startServer } from '@trunkline/server'
import { type Phone, type Simulator, startSimulator } from '@trunkline/simulator'
import { pino } from 'pino'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { ensurePage } from '../../scripts/lib/page.mjs'
import { findChromium, launchChromium } from './browser.js'

export const ADMIN = { email: 'ada@example.org', password: 'a long enough word 7' }

/** What the page did that it must not: asked elsewhere, broke its policy, threw. */
export interface Complaints {
  foreignRequests: string[]
  policyViolations: string[]
  errors: string[]
}

/** A simulated WhatsApp, a server on it with the built page, and a browser. */
export class PageWorld {
  readonly simulator: Simulator
  readonly browser: Browser
  readonly complaints: Complaints = { foreignRequests: [], policyViolations: [], errors: [] }
  readonly #folder: string
  readonly #environment: Record<string, string>
  #server: RunningServer

  private constructor(
    simulator: Simulator,
    server: RunningServer,
    browser: Browser,
    rest: { folder: string; environment: Record<string, string> },
  ) {
    this.simulator = simulator
    this.#server = server
    this.browser = browser
    this.#folder = rest.folder
    this.#environment = rest.environment
  }

  static async start(chromium: string, environment: Record<string, string> = {}): Promise<PageWorld> {
    if (!(await ensurePage())) throw new Error('The page could not be built')
    const folder = await mkdtemp(join(tmpdir(), 'trunkline-page-'))
    const simulator = await startSimulator()
    const variables = {
      DATA_DIR: folder,
      STORE: 'sqlite',
      PORT: '0',
      JWT_SECRET: '0123456789abcdef0123456789abcdef',
      ADMIN_NAME: 'Ada Quispe',
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      RATE_LIMIT: 'off',
      RATE_LIMIT_ADDRESS: 'off',
      WA_WEB_SOCKET_URL: simulator.url,
      WA_CERT_PUBLIC_KEY: simulator.rootPublicKey.toString('hex'),
      WA_MEDIA_CERT: simulator.mediaCertificate.trim().replaceAll('\n', '\\n'),
      ...environment,
    }
    const server = await startServer(variables, { logger: pino({ level: 'silent' }) })
    return new PageWorld(simulator, server, await launchChromium(chromium), { folder, environment: variables })
  }

  get server(): RunningServer {
    return this.#server
  }

  get url(): string {
    return `${this.#server.url}/admin`
  }

  /** The server goes, and another one comes at the same address. */
  async stopServer(): Promise<void> {
    this.#environment.PORT = new URL(this.#server.url).port
    await this.#server.close()
  }

  async startServerAgain(): Promise<void> {
    this.#server = await startServer(this.#environment, { logger: pino({ level: 'silent' }) })
  }

  /** A session that the phone has linked, without the page. */
  async link(id: string, phone: Phone, { label }: { label?: string } = {}): Promise<void> {
    const { manager } = this.#server
    const connected = new Promise<void>((resolve) => {
      manager.on('connected', ({ sessionId, status }) => {
        if (sessionId === id && status === 'connected') resolve()
      })
    })
    const qr = new Promise<string>((resolve) => {
      manager.on('qr', (event) => {
        if (event.sessionId === id) resolve(event.qr)
      })
    })
    await manager.create({ id, ...(label === undefined ? {} : { label }) })
    await phone.scanQr(await qr)
    await connected
  }

  /** A page of a browser of its own, watched for all that it must not do. */
  async open(path = '/', options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.browser.newContext({
      viewport: { width: 1280, height: 800 },
      locale: 'en-GB',
      ...options,
    })
    const page = await context.newPage()
    await page.addInitScript({
      content: `document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
        console.error('policy violated: ' + violatedDirective + ' ' + blockedURI))`,
    })
    page.on('request', (request) => {
      const url = new URL(request.url())
      const isOwn = url.origin === this.#server.url || url.protocol === 'data:' || url.protocol === 'blob:'
      if (!isOwn) this.complaints.foreignRequests.push(request.url())
    })
    page.on('console', (message) => {
      if (/policy/i.test(message.text()) && message.type() === 'error')
        this.complaints.policyViolations.push(message.text())
    })
    page.on('pageerror', (error) => this.complaints.errors.push(error.stack ?? String(error)))
    await page.goto(`${this.url}${path}`)
    return page
  }

  async close(): Promise<void> {
    await this.browser.close()
    await this.#server.close()
    await this.simulator.close()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

/** `undefined` where there is no browser: then the reason is said, and it is an error where a browser is demanded. */
export async function chromiumOrReason(): Promise<string | undefined> {
  const chromium = await findChromium()
  if (chromium === undefined) {
    const reason = 'There is no Chromium: set CHROMIUM_PATH, install chromium, or run node scripts/browser.mjs'
    if (process.env.REQUIRE_BROWSER === '1') throw new Error(reason)
    console.warn(`The tests in a browser are skipped. ${reason}.`)
  }
  return chromium
}

export async function signIn(page: Page, { email, password } = ADMIN): Promise<void> {
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

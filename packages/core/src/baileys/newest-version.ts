import { get as httpGet, type IncomingMessage } from 'node:http'
import { get as httpsGet } from 'node:https'
import type { Clock } from '../ports/clock.js'
import type { WebVersion } from '../types/web-version.js'
import type { AddressGuard } from '../util/address-guard.js'
import { sleep } from '../util/sleep.js'
import { createProxyAgent, PROXY_FAILED } from './connection/proxy-agent.js'

/** The service worker of WhatsApp Web: what Baileys' `fetchLatestWaWebVersion` asks, which knows no proxy of a session. */
export const WHATSAPP_VERSION_URL = 'https://web.whatsapp.com/sw.js'

const TIMEOUT_MS = 15_000
const MAX_PAGE_BYTES = 8 * 1024 * 1024
/** Without these WhatsApp answers a page for robots. */
const HEADERS = {
  'sec-fetch-site': 'none',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
}

export interface VersionPage {
  url: string
  proxyUrl?: string
  proxyGuard: AddressGuard
  clock: Clock
}

/** The version of WhatsApp Web that its own page has. Rejects, with a sentence, when it cannot be read. */
export async function newestVersion(page: VersionPage, signal: AbortSignal): Promise<WebVersion> {
  const over = new AbortController()
  const either = AbortSignal.any([signal, over.signal])
  try {
    const late = sleep(page.clock, TIMEOUT_MS, either).then(() => {
      throw new Error('it did not answer in time')
    })
    const text = await Promise.race([readPage(page, either), late])
    const [, revision] = /\\?"client_revision\\?":\s*(\d{1,12})/.exec(text) ?? []
    if (revision === undefined) throw new Error('it tells no version')
    return [2, 3000, Number(revision)]
  } finally {
    over.abort()
  }
}

async function readPage({ url, proxyUrl, proxyGuard }: VersionPage, signal: AbortSignal): Promise<string> {
  try {
    if (proxyUrl && !proxyGuard.admitsHost(new URL(proxyUrl).hostname)) throw new Error(PROXY_FAILED)
    const agent = proxyUrl ? createProxyAgent(proxyUrl, proxyGuard) : undefined
    return await textOf(await responseOf(url, { headers: HEADERS, signal, ...(agent ? { agent } : {}) }))
  } catch (error) {
    // Whoever may choose a proxy must not learn what answers at an address, and how.
    throw proxyUrl ? new Error(PROXY_FAILED, { cause: error }) : error
  }
}

function responseOf(url: string, options: Parameters<typeof httpsGet>[1] & object): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const get = url.startsWith('https:') ? httpsGet : httpGet
    get(url, options, resolve).once('error', reject)
  })
}

async function textOf(response: IncomingMessage): Promise<string> {
  if (response.statusCode !== 200) {
    response.destroy()
    throw new Error(`it answered HTTP ${response.statusCode}`)
  }
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > MAX_PAGE_BYTES) throw new Error('it is too large')
  }
  return Buffer.concat(chunks).toString('utf8')
}

import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { PNG } from 'pngjs'

/** Its types are those of an ES module, and it is none. */
const { default: jsQR } = createRequire(import.meta.url)('jsqr') as typeof import('jsqr')

/** The QR as a camera sees it: the squares of the picture, read back. */
export async function shownQr(page: Page): Promise<string> {
  const picture = await page.locator('.tl-qr').screenshot({ scale: 'css' })
  const { data, width, height } = PNG.sync.read(picture)
  const found = jsQR(new Uint8ClampedArray(data), width, height)
  if (!found) throw new Error('No QR can be read in the picture')
  return found.data
}

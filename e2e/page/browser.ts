import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, chromium } from 'playwright-core'

/** Nothing of the browser's own goes out, and no name but loopback is found. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A microphone that hums, and that nobody has to allow.
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
]

/**
 * Where a Chromium is: `CHROMIUM_PATH`, else `chromium` on the PATH, else what `scripts/browser.mjs` has fetched. `undefined` where
 * there is none: then the tests say so, and fail with `REQUIRE_BROWSER=1`.
 */
export async function findChromium(): Promise<string | undefined> {
  const given = process.env.CHROMIUM_PATH
  if (given) return given
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    const found = which(name)
    if (found) return found
  }
  return fetched()
}

export async function launchChromium(executablePath: string): Promise<Browser> {
  return await chromium.launch({ executablePath, args: ARGUMENTS, headless: true })
}

function which(name: string): string | undefined {
  try {
    return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim() || undefined
  } catch {
    return undefined
  }
}

/** `@sparticuz/chromium` has the binary in it, packed; it is unpacked to the folder for temporary files once. */
async function fetched(): Promise<string | undefined> {
  const folder = new URL('../../node_modules/.cache/trunkline/chromium/', import.meta.url)
  if (!existsSync(new URL('package.json', folder))) return undefined
  const require = createRequire(new URL('package.json', folder))
  const { default: packed } = (await import(require.resolve('@sparticuz/chromium'))) as {
    default: { executablePath(): Promise<string> }
  }
  return await packed.executablePath()
}

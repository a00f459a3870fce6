// The built admin page, which is needed where everything else runs from source.
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './ensure-installed.mjs'
import { captureNode } from './run.mjs'

const folder = join(root, 'packages', 'dashboard')
const buildPage = join(folder, 'build-page.mjs')
/** What it is made of. */
const sources = ['dashboard/src', 'dashboard/package.json', 'dashboard/vite.config.ts', 'client/src', 'contract/src']

/**
 * Builds the page unless what is there is newer than all that it is made of.
 *
 * @returns {Promise<boolean>} whether there is one
 */
export async function ensurePage() {
  const output = join(folder, 'dist', 'page', 'index.html')
  const builtAt = existsSync(output) ? statSync(output).mtimeMs : 0
  if (sources.every((source) => newestIn(join(root, 'packages', source)) < builtAt)) return true
  process.stderr.write('Building the admin page (once; some seconds) ...\n')
  const { code, output: said } = await captureNode([buildPage])
  if (code !== 0) process.stderr.write(`${said}\nThe admin page could not be built\n`)
  return code === 0
}

function newestIn(path) {
  const stats = statSync(path)
  if (!stats.isDirectory()) return stats.mtimeMs
  return Math.max(...readdirSync(path).map((name) => newestIn(join(path, name))))
}

// node scripts/browser.mjs: a Chromium for the tests of the page, where the machine has none. It is the one that npm has
// (@sparticuz/chromium holds the binary in it), in a folder of the cache that nothing else sees.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureInstalled, root, runInstaller } from './lib/ensure-installed.mjs'

const packed = '@sparticuz/chromium@147.0.0'

ensureInstalled()
const folder = join(root, 'node_modules', '.cache', 'trunkline', 'chromium')
if (process.env.CHROMIUM_PATH || isOnPath('chromium') || isOnPath('chromium-browser') || isOnPath('google-chrome')) {
  process.stdout.write('There is a Chromium already\n')
} else if (existsSync(join(folder, 'node_modules'))) {
  process.stdout.write('A Chromium was fetched already\n')
} else {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'chromium', private: true }))
  runInstaller('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', packed], { cwd: folder })
  process.stdout.write(`Fetched ${packed}\n`)
}

function isOnPath(name) {
  return spawnSync('sh', ['-c', `command -v ${name}`]).status === 0
}

// npm run fuzz: schemathesis asks a server of ours what its own document lets it ask, and what it does not, and finds nothing that
// the document does not say. Arguments go to schemathesis. Needs Python; without it this is skipped aloud, and fails with
// REQUIRE_FUZZ=1. FUZZ_CASES: how many cases a route gets, 70 unless given.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ensureInstalled, root } from './lib/ensure-installed.mjs'
import { fromSource, loopbackOnly } from './lib/run.mjs'

const VERSION = '4.32.5'
const folder = join(root, 'node_modules', '.cache', `schemathesis-${VERSION}`)
const schemathesis = join(folder, 'bin', 'schemathesis')

ensureInstalled()
process.exitCode = hasSchemathesis() ? await fuzz() : skipped()

function hasSchemathesis() {
  if (existsSync(schemathesis)) return true
  if (spawnSync('python3', ['--version']).status !== 0) return false
  const pip = ['install', '--quiet', '--disable-pip-version-check', `schemathesis==${VERSION}`]
  return succeeds('python3', ['-m', 'venv', folder]) && succeeds(join(folder, 'bin', 'pip'), pip)
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function succeeds(command, args) {
  return spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] }).status === 0
}

function skipped() {
  process.stderr.write(
    `The fuzz is skipped: it needs python3 (3.10 or newer, with venv) and schemathesis ${VERSION} from PyPI.\n`,
  )
  return process.env.REQUIRE_FUZZ === '1' ? 1 : 0
}

async function fuzz() {
  const world = spawn(process.execPath, [...fromSource, 'e2e/fuzz/world.ts'], {
    cwd: root,
    env: loopbackOnly(),
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  try {
    const [line] = await Promise.race([once(createInterface(world.stdout), 'line'), once(world, 'exit')])
    if (typeof line !== 'string') return 1
    const { url, accessToken } = JSON.parse(line)
    const args = [
      ...['--config-file', join(root, 'e2e', 'fuzz', 'schemathesis.toml'), 'run', `${url}/api/openapi.json`],
      ...['--header', `Authorization: Bearer ${accessToken}`, '--phases', 'examples,coverage,fuzzing'],
      ...['--max-examples', process.env.FUZZ_CASES ?? '70', '--seed', '1', '--request-timeout', '60'],
      ...process.argv.slice(2),
    ]
    // Whatever it would ask elsewhere goes nowhere.
    const nowhere = { HTTP_PROXY: 'http://127.0.0.1:9', HTTPS_PROXY: 'http://127.0.0.1:9', NO_PROXY: '127.0.0.1' }
    const run = spawn(schemathesis, args, {
      cwd: folder,
      env: { ...process.env, ...nowhere },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    const [code] = await once(run, 'exit')
    // A crash of the server is a find, too.
    return world.exitCode === null ? (code ?? 1) : 1
  } finally {
    world.stdin.end()
    if (world.exitCode === null) await once(world, 'exit')
  }
}

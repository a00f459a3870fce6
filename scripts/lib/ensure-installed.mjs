// The first step of every command: the right Node.js, and the dependencies of the lock file. No dependencies of its own,
// and only syntax and imports that old versions of Node.js know, so that they get to print the sentence below.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export const pnpm = 'pnpm@10.34.9'

/** Installs what the lock file names unless that has been done already. Ends the process when it cannot. */
export function ensureInstalled() {
  const complaint = nodeVersionComplaint(process.versions.node)
  if (complaint) fail(complaint)
  if (installedByNpm()) return
  const wanted = lockFileHash()
  if (installedHash() === wanted) return

  process.stderr.write('Installing dependencies (once; about half a minute) ...\n')
  // CI=true keeps pnpm from asking: without a terminal it would stop instead of replacing an older node_modules.
  runInstaller('npx', ['-y', pnpm, 'install', '--frozen-lockfile'], { env: { ...process.env, CI: 'true' } })
  writeFileSync(stamp, wanted)
}

const stamp = join(root, 'node_modules', '.trunkline-installed')

/** What this version of the lock file is called in the stamp that an installation leaves behind. */
export function lockFileHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'pnpm-lock.yaml')))
    .digest('hex')
}

function installedHash() {
  return existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined
}

/** A sentence for the user when this version of Node.js is too old, and nothing otherwise. */
export function nodeVersionComplaint(version) {
  const [major, minor] = version.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return undefined
  return `Trunkline needs Node.js 20.19 or newer, and this is ${version}. Install a newer one (24 is the fastest) and try again.`
}

/**
 * Whoever ran plain `npm install` keeps what it made; it is only brought up to date. npm leaves its own lock file in
 * node_modules, and pnpm does not.
 */
function installedByNpm() {
  const npmLock = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(npmLock)) return false
  const installedAt = statSync(npmLock).mtimeMs
  if (manifests().some((manifest) => statSync(manifest).mtimeMs > installedAt)) {
    process.stderr.write('Updating dependencies ...\n')
    runInstaller('npm', ['install', '--no-audit', '--no-fund'])
  }
  return true
}

export function manifests() {
  const members = ['packages', 'examples'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => join(root, folder, name)),
  )
  return [root, ...members, join(root, 'e2e'), join(root, 'bench')]
    .map((folder) => join(folder, 'package.json'))
    .filter((path) => existsSync(path))
}

/**
 * Runs npm, npx or the like, quiet unless it fails; then what it printed is shown and the process ends.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 */
export function runInstaller(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: options.cwd || root,
    env: options.env || process.env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === 'win32',
  })
  if (status === 0) return
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}${error ? `${error.message}\n` : ''}`)
  fail(`This failed: ${command} ${args.join(' ')}`)
}

function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}

// node scripts/nats.mjs: a nats-server for the tests of several nodes, where the machine has none: Debian's package, unpacked into a
// folder of the cache, or else built from its Go module. Where neither is to be had it says so, and so do the tests.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ensureInstalled, root } from './lib/ensure-installed.mjs'

const goModule = 'github.com/nats-io/nats-server/v2@v2.15.3'

ensureInstalled()
const folder = join(root, 'node_modules', '.cache', 'trunkline', 'nats')
const binaries = [join(folder, 'usr', 'sbin', 'nats-server'), join(folder, 'nats-server')]

if (process.env.NATS_SERVER_PATH || isOnPath('nats-server')) say('There is a nats-server already')
else if (binaries.some((binary) => existsSync(binary))) say('A nats-server was fetched already')
else {
  mkdirSync(folder, { recursive: true })
  if (fromDebian()) say("Fetched Debian's nats-server")
  else if (fromGo()) say(`Built ${goModule}`)
  else {
    say('No nats-server is to be had: neither from Debian nor by Go. Name one by NATS_SERVER_PATH')
    process.exitCode = process.env.REQUIRE_NATS === '1' ? 1 : 0
  }
}

function fromDebian() {
  if (!isOnPath('apt-get') || !isOnPath('dpkg')) return false
  const download = () => run('apt-get', ['download', '-q', 'nats-server'])
  // A fresh machine has no lists of packages yet; whoever may not update them has what there is.
  if (!download() && !(run('apt-get', ['update', '-q']) && download())) return false
  const file = readdirSync(folder).find((name) => name.endsWith('.deb'))
  return file !== undefined && run('dpkg', ['-x', file, folder])
}

function fromGo() {
  return isOnPath('go') && run('go', ['install', '-p', '1', goModule], { GOBIN: folder })
}

function run(command, parameters, env = {}) {
  return spawnSync(command, parameters, { cwd: folder, stdio: 'ignore', env: { ...process.env, ...env } }).status === 0
}

function isOnPath(name) {
  return spawnSync('sh', ['-c', `command -v ${name}`]).status === 0
}

function say(text) {
  process.stdout.write(`${text}\n`)
}

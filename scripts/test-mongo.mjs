// A MongoDB for the tests: the one of MONGODB_URI, else a mongod of this machine, else mongo-java-server by Java and Maven.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { root } from './lib/ensure-installed.mjs'

const launcher = fileURLToPath(new URL('mongo-java-server/', import.meta.url))
const startTimeoutMs = 60_000

/**
 * @typedef {object} TestMongo
 * @property {string} uri
 * @property {'external' | 'mongod' | 'java-server'} kind what the engine can do depends on it
 * @property {string} [replicaSetUri] another server, which has transactions; they are emulated
 * @property {number} [pid] of a server that was started here
 * @property {() => Promise<void>} stop leaves an external server alone
 */

/**
 * Resolves with a running server, or with nothing when this machine has none of the three.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<TestMongo | undefined>}
 */
export async function startTestMongo(env = process.env) {
  if (env.MONGODB_URI) return { uri: env.MONGODB_URI, kind: 'external', stop: async () => {} }
  if (works('mongod', ['--version'])) return startMongod()
  if (hasJava17() && works('mvn', ['-version'])) return startJavaServer(env)
  return undefined
}

function works(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}

function hasJava17() {
  const { stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' })
  return Number(/version "(\d+)/.exec(stderr ?? '')?.[1]) >= 17
}

/** @returns {Promise<TestMongo>} */
async function startMongod() {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-mongod-'))
  const args = ['--dbpath', folder, '--port', String(port), '--bind_ip', '127.0.0.1', '--nounixsocket', '--quiet']
  const child = spawn('mongod', args, { stdio: 'ignore' })
  const stop = async () => {
    await ended(child, () => child.kill('SIGTERM'))
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await Promise.race([accepting(port), failed(child, 'mongod')])
  } catch (error) {
    await stop()
    throw error
  }
  return { uri: `mongodb://127.0.0.1:${port}`, kind: 'mongod', pid: child.pid, stop }
}

/** @param {NodeJS.ProcessEnv} env @returns {Promise<TestMongo>} */
async function startJavaServer({ TEST_MONGODB_HEAP = '1g' }) {
  const args = [`-Xmx${TEST_MONGODB_HEAP}`, '-cp', join(jars(), '*'), join(launcher, 'Launcher.java')]
  // The launcher ends with its standard input, so that no server outlives a killed test run.
  const child = spawn('java', args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const stop = () => ended(child, () => child.stdin.end())
  try {
    const started = Promise.race([firstLines(child.stdout, 2), failed(child, 'mongo-java-server')])
    const [uri, replicaSetUri] = await within(startTimeoutMs, started)
    return {
      uri,
      replicaSetUri,
      kind: 'java-server',
      pid: child.pid,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function firstLines(stream, count) {
  const lines = []
  return new Promise((resolve) =>
    createInterface(stream).on('line', (line) => {
      if (lines.push(line) === count) resolve(lines)
    }),
  )
}

/** The folder with mongo-java-server and what it needs, fetched by Maven once. */
function jars() {
  const cache = join(root, 'node_modules', '.cache', 'trunkline')
  const folder = join(cache, 'mongo-java-server-1.47.0')
  if (existsSync(folder)) return folder
  mkdirSync(cache, { recursive: true })
  const unfinished = mkdtempSync(join(cache, 'unfinished-'))
  const args = ['-q', '-B', '-f', join(launcher, 'pom.xml'), 'dependency:copy-dependencies']
  const { status, stdout } = spawnSync('mvn', [...args, `-DoutputDirectory=${unfinished}`], { encoding: 'utf8' })
  if (status !== 0) {
    rmSync(unfinished, { recursive: true, force: true })
    throw new Error(`Maven could not fetch mongo-java-server:\n${stdout}`)
  }
  // Two runs may fetch at once; a whole folder appears under its name or none does.
  if (!existsSync(folder)) renameSync(unfinished, folder)
  return folder
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {net.AddressInfo} */ (server.address())
      server.close(() => resolve(port))
    })
  })
}

async function accepting(port) {
  const deadline = Date.now() + startTimeoutMs
  while (Date.now() < deadline) {
    const open = await new Promise((resolve) => {
      const socket = net.connect(port, '127.0.0.1')
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`mongod did not accept a connection within ${startTimeoutMs / 1000} s`)
}

function failed(child, name) {
  let printed = ''
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    printed = `${printed}${text}`.slice(-4_000)
  })
  return new Promise((_resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${name} ended with code ${code}\n${printed}`)))
  })
}

function within(timeoutMs, promise) {
  let timer
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not ready within ${timeoutMs / 1000} s`)), timeoutMs)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/** Asks the child to end and resolves once it has; a child that does not is killed after five seconds. */
function ended(child, ask) {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve(undefined)
    })
    ask()
  })
}

// Children of the root commands: run from the root folder with the terminal they were given.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './ensure-installed.mjs'

/** Arguments that let Node.js run TypeScript from the packages' sources, without a build. */
export const fromSource = ['--conditions=dev-source', '--import', 'tsx']

/**
 * The environment with the preload that refuses every connection that is not loopback, for this child and its children.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {NodeJS.ProcessEnv}
 */
export function loopbackOnly(env = process.env) {
  const preload = `--import ${pathToFileURL(join(root, 'scripts', 'loopback-only.mjs'))}`
  const options = env.NODE_OPTIONS ?? ''
  return options.includes(preload) ? env : { ...env, NODE_OPTIONS: `${options} ${preload}`.trim() }
}

/**
 * Runs `node` and resolves with its exit code. SIGINT and SIGTERM go to the child, which ends in its own way.
 *
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string }} [options]
 * @returns {Promise<number>}
 */
export function runNode(args, { env = process.env, cwd = root } = {}) {
  const child = spawn(process.execPath, args, { cwd, env, stdio: 'inherit' })
  return exitCode(child)
}

/**
 * Runs `node` and resolves with its exit code and everything it printed.
 *
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string }} [options]
 * @returns {Promise<{ code: number, output: string }>}
 */
export function captureNode(args, { env = process.env, cwd = root } = {}) {
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text
    })
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number>}
 */
function exitCode(child) {
  // Ctrl-C reaches the whole process group, so the child has had it already; this process only must not end before it.
  const onInterrupt = () => {
    if (!process.stdin.isTTY) child.kill('SIGINT')
  }
  const onTerminate = () => child.kill('SIGTERM')
  process.on('SIGINT', onInterrupt)
  process.on('SIGTERM', onTerminate)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      process.off('SIGINT', onInterrupt)
      process.off('SIGTERM', onTerminate)
      resolve(code ?? (signal === 'SIGINT' ? 130 : signal === 'SIGTERM' ? 143 : 1))
    })
  })
}

/** Arguments for the server: a `.env` in the root folder is read when there is one. */
export function envFile() {
  return existsSync(join(root, '.env')) ? ['--env-file=.env'] : []
}

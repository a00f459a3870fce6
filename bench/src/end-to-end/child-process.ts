import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { connectPeer, type Peer } from './peer.js'

const loopbackOnly = new URL('../../../scripts/loopback-only.mjs', import.meta.url)

/** A process of the bench, and how to end it. */
export interface Child<Calls extends { [name: string]: (argument: never) => unknown }> extends Peer<Calls> {
  end(): Promise<void>
  /** At once, as a machine that fails; `end` still waits for it. */
  kill(): void
}

/** No phase takes as long; one that hangs must not hold up a run that nobody watches. */
const PATIENCE_MS = 10 * 60_000
/** How long a child may take to end by itself. */
const END_MS = 5_000

/** The command of a bundled child; nothing that it does can leave loopback. */
export function nodeCommand(node: string, file: string): string[] {
  return [node, '--expose-gc', '--import', fileURLToPath(loopbackOnly), file]
}

/**
 * Starts a child, which ends with this process, whatever ends that. Calls are rejected, with the name of the child, when it
 * fails, ends or takes longer than ten minutes.
 */
export function startChild<Calls extends { [name: string]: (argument: never) => unknown }>(
  [program = '', ...args]: readonly string[],
  {
    name,
    local = {},
    env = {},
  }: {
    name: string
    local?: { [name: string]: (argument: never) => unknown }
    env?: Record<string, string>
  },
): Child<Calls> {
  const child = spawn(program, args, {
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const peer = connectPeer<Calls>(child, local)
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    async call(called, argument) {
      const patience = new AbortController()
      const late = sleep(PATIENCE_MS, undefined, { signal: patience.signal }).then(() => {
        throw new Error('No answer for ten minutes')
      })
      try {
        return (await Promise.race([peer.call(called, argument), late])) as never
      } catch (cause) {
        throw new Error(`${name} failed at "${called}"`, { cause })
      } finally {
        patience.abort()
        late.catch(() => undefined)
      }
    },
    kill: () => void child.kill('SIGKILL'),
    async end() {
      if (child.connected) child.disconnect()
      const stuck = setTimeout(() => child.kill('SIGKILL'), END_MS)
      await exited
      clearTimeout(stuck)
    },
  }
}

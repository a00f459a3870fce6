import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { connectPeer, type Peer } from './peer.js'

const loopbackOnly = new URL('../../../scripts/loopback-only.mjs', import.meta.url)

/** A process of the bench, and how to end it. */
export interface Child<Calls extends { [name: string]: (argument: never) => unknown }> extends Peer<Calls> {
  end(): Promise<void>
}

/** Starts a bundled child; nothing that it does can leave loopback. */
export function startChild<Calls extends { [name: string]: (argument: never) => unknown }>(
  file: string,
  { node, local = {} }: { node: string; local?: { [name: string]: (argument: never) => unknown } },
): Child<Calls> {
  const child = fork(file, {
    execPath: node,
    execArgv: ['--expose-gc', '--import', fileURLToPath(loopbackOnly)],
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const peer = connectPeer<Calls>(child, local)
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    call: peer.call,
    async end() {
      if (child.connected) child.disconnect()
      await exited
    },
  }
}

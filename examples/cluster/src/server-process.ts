import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type Client, createClient } from '@trunkline/client'
import { io } from 'socket.io-client'
import { ipcChannel } from '../../../packages/server/src/workers/ipc-channel.js'
import type { IpcHub } from '../../../packages/server/src/workers/ipc-hub.js'

const ipcServer = fileURLToPath(new URL('ipc-server.ts', import.meta.url))
const cli = fileURLToPath(new URL('../../../packages/server/src/cli.ts', import.meta.url))

/** One server of several, in a process of its own. */
export class ServerProcess {
  readonly name: string
  readonly url: string
  readonly client: Client
  readonly #child: ChildProcess

  private constructor(name: string, url: string, child: ChildProcess) {
    this.name = name
    this.url = url
    this.client = createClient({ baseUrl: `${url}/api`, live: { io } })
    this.#child = child
  }

  /** Resolves when it serves. With a hub it talks to the others over that; `env` says how otherwise. */
  static async start(name: string, env: Record<string, string | undefined>, hub?: IpcHub): Promise<ServerProcess> {
    const child = spawn(process.execPath, ['--conditions=dev-source', '--import', 'tsx', hub ? ipcServer : cli], {
      env: { ...env, NODE_NAME: name },
      stdio: ['ignore', 'pipe', 'inherit', ...(hub ? (['ipc'] as const) : [])],
      serialization: 'advanced',
    })
    if (hub) child.once('exit', hub.add(`${name} ${child.pid}`, ipcChannel(child)))
    let output = ''
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout?.on('data', (chunk: Buffer) => {
        output += chunk
        const [, found] = /"url":"(http:[^"]+)"/.exec(output) ?? []
        if (found) resolve(found)
      })
      child.once('exit', (code) => reject(new Error(`The server ${name} ended with ${code}:\n${output}`)))
    })
    return new ServerProcess(name, url, child)
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  get isUp(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** SIGKILL as of a machine that is gone, SIGTERM as of a deployment. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    this.client.close()
    if (!this.isUp) return
    const exit = once(this.#child, 'exit')
    this.#child.kill(signal)
    await exit
  }
}

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { connectSimulator, type SimulatorClient } from '@trunkline/simulator'
import type { SimulatorChildOptions } from './simulator-child.js'

/** A simulator in a process of its own, with its state in a file. */
export class SimulatorProcess {
  readonly client: SimulatorClient
  readonly ended: Promise<unknown>
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, client: SimulatorClient, ended: Promise<unknown>) {
    this.#child = child
    this.client = client
    this.ended = ended
  }

  static async start(file: string, options: SimulatorChildOptions): Promise<SimulatorProcess> {
    const child = fork(file, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    const ended = once(child, 'exit')
    child.send(options)
    const [{ controlUrl }] = (await once(child, 'message')) as [{ controlUrl: string }]
    return new SimulatorProcess(child, await connectSimulator(controlUrl), ended)
  }

  get ports(): { port: number; controlPort: number } {
    return { port: Number(new URL(this.client.url).port), controlPort: Number(new URL(this.client.controlUrl).port) }
  }

  async end(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect()
    await this.ended
  }
}

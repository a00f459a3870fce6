import { type ChildProcess, fork } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type IpcChannel, ipcChannel } from '../../src/workers/ipc-channel.js'

const program = fileURLToPath(new URL('echo-process.mjs', import.meta.url))

/** One end of a pipe that goes through a process: what is said at it comes back from there at the other end. */
class End extends EventEmitter {
  readonly #child: ChildProcess
  readonly #side: string

  constructor(child: ChildProcess, side: 'near' | 'far') {
    super()
    this.#child = child
    this.#side = side
    child.on('message', (given: { side: string; message: unknown }) => {
      if (given.side !== side) this.emit('message', given.message)
    })
    child.on('disconnect', () => this.emit('disconnect'))
  }

  get connected(): boolean {
    return this.#child.connected
  }

  send(message: unknown, handle: undefined, options: undefined, sent: (error: Error | null) => void): boolean {
    return this.#child.send({ side: this.#side, message }, handle, options, sent)
  }
}

/** Both ends of a real pipe to a real process in between. */
export interface EchoPipe {
  near: IpcChannel
  far: IpcChannel
  /** The process ends, and the pipe with it. */
  kill(): Promise<void>
}

export function openEchoPipe(): EchoPipe {
  const child = fork(program, { serialization: 'advanced', execArgv: [] })
  return {
    near: ipcChannel(new End(child, 'near')),
    far: ipcChannel(new End(child, 'far')),
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exit = once(child, 'exit')
      child.kill('SIGKILL')
      await exit
    },
  }
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const loopbackOnly = fileURLToPath(new URL('../../../scripts/loopback-only.mjs', import.meta.url))
const cli = fileURLToPath(new URL('../../../packages/server/bin/trunkline.js', import.meta.url))
const TICK_MS = 10
const KIBIBYTE = 1024

/** What the processes have taken so far, and hold now. */
export interface Usage {
  cpuMs: number
  /** Pages that several of them share are counted once. */
  bytes: number
}

/** The built server as `trunkline --workers n` starts it; one process when there is one. */
export class ServerGroup {
  readonly url: string
  readonly #child: ChildProcess
  readonly #exit: Promise<unknown>

  private constructor(child: ChildProcess, exit: Promise<unknown>, url: string) {
    this.#child = child
    this.#exit = exit
    this.url = url
  }

  /** Resolves when all of them serve. */
  static async start(workers: number, env: Record<string, string>): Promise<ServerGroup> {
    const options = workers > 1 ? ['--workers', String(workers)] : []
    const child = spawn(process.execPath, ['--import', loopbackOnly, cli, ...options], {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exit = once(child, 'exit')
    const said = workers > 1 ? /"All workers listen"/ : /"url":"http/
    let output = ''
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout?.on('data', (chunk: Buffer) => {
        // It goes on to write, and nobody reads that.
        if (output.length < 1_000_000) output += chunk
        const [, found] = /"url":"(http:[^"]+)"/.exec(output) ?? []
        if (found && said.test(output)) resolve(found)
      })
      void exit.then(() => reject(new Error(`The server has ended:\n${output}`)))
    })
    return new ServerGroup(child, exit, url)
  }

  async usage(): Promise<Usage> {
    const parent = this.#child.pid ?? 0
    const children = await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8')
    const all = await Promise.all([parent, ...children.trim().split(' ').filter(Boolean).map(Number)].map(usageOf))
    return {
      cpuMs: all.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
      bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    }
  }

  /** As a deployment ends it. */
  async end(): Promise<void> {
    this.#child.kill('SIGTERM')
    await this.#exit
  }
}

async function usageOf(pid: number): Promise<Usage> {
  const [stat, rollup] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/smaps_rollup`, 'utf8'),
  ])
  // The name, in brackets, may have spaces in it; user and system time are the 12th and 13th after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [, kibibytes] = /^Pss:\s+(\d+)/m.exec(rollup) ?? []
  return {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    bytes: Number(kibibytes) * KIBIBYTE,
  }
}

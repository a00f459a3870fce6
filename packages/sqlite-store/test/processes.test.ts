import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { TrunklineError } from '@trunkline/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSqliteStore } from '../src/index.js'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trunkline-sqlite-'))
  path = join(folder, 'file.db')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const script = fileURLToPath(new URL('child.ts', import.meta.url))

function startChild(task: 'hold' | 'write'): ChildProcess {
  const args = ['--conditions=dev-source', '--import', 'tsx', script, path, task]
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** Kills the child after it has printed so many lines; answers every line that it printed. */
async function killAfter(child: ChildProcess, lines: number): Promise<string[]> {
  const printed: string[] = []
  const output = createInterface(child.stdout as NonNullable<ChildProcess['stdout']>)
  output.on('line', (line) => {
    printed.push(line)
    if (printed.length === lines) child.kill('SIGKILL')
  })
  await Promise.all([once(child, 'exit'), once(output, 'close')])
  return printed
}

describe('two processes', () => {
  it('keep off one file: the second is told STORE_LOCKED until the first is gone, and then takes its leases at once', async () => {
    const child = startChild('hold')
    const output = createInterface(child.stdout as NonNullable<ChildProcess['stdout']>)
    await once(output, 'line')
    const store = createSqliteStore({ path })
    const error = await store.setup().catch((reason: unknown) => reason)
    expect(TrunklineError.is(error, 'STORE_LOCKED')).toBe(true)

    child.kill('SIGKILL')
    await once(child, 'exit')
    await store.setup()
    expect(await store.leases.acquire('s', { owner: 'parent', ttlMs: 1_000 })).toMatchObject({ epoch: 2 })
    await store.close()
  })

  it('are told apart from two stores in one process, which keep off one file just so', async () => {
    const [first, second] = [createSqliteStore({ path }), createSqliteStore({ path })]
    await first.setup()
    const error = await second.setup().catch((reason: unknown) => reason)
    expect(TrunklineError.is(error, 'STORE_LOCKED')).toBe(true)
    await first.close()
    await second.setup()
    await second.close()
  })
})

describe('a killed process', () => {
  it('leaves everything that was acknowledged, and every batch whole', async () => {
    for (const lines of [1, 40, 90]) {
      const acknowledged = await killAfter(startChild('write'), lines)
      const store = createSqliteStore({ path })
      await store.setup()
      const creds = Buffer.from((await store.auth.readCreds('s')) ?? []).toString()
      expect(Number(creds)).toBeGreaterThanOrEqual(Number(acknowledged.at(-1)))
      const keys = await store.auth.readKeys('s', 'session', ['0', '1', '2'])
      expect([...keys.values()].map((value) => Buffer.from(value).toString())).toEqual([creds, creds, creds])
      for (const id of acknowledged) expect(await store.messages.find('s', { id })).toHaveLength(1)
      await store.close()
    }
    // Three processes start from source, one after the other.
  }, 60_000)
})

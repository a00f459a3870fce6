import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { SnapshotFile } from '../src/command/snapshot-file.js'
import { connectSimulator } from '../src/index.js'
import { installStrictVerification, linkedClient, silenceLibsignal } from './client.js'
import { ANA, CAROL, eventually } from './simulation.js'

/** Processes start slowly on a machine that does other things too. */
const PATIENCE_MS = 120_000
const SOURCE = fileURLToPath(new URL('../src/cli.ts', import.meta.url))

describe('trunkline-simulator', () => {
  let folder: string
  const children: ReturnType<typeof spawn>[] = []

  beforeAll(async () => {
    silenceLibsignal()
    await installStrictVerification()
  })
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'simulator-'))
  })
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    await rm(folder, { recursive: true })
  })

  function run(...args: string[]) {
    const child = spawn(process.execPath, ['--conditions=dev-source', '--import', 'tsx', SOURCE, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    children.push(child)
    const ended = once(child, 'close').then(([code, signal]) => code ?? signal)
    return { child, ended, text: async (name: 'stdout' | 'stderr') => (await child[name].toArray()).join('') }
  }

  async function start(...args: string[]) {
    const { child, ended } = run(...args)
    const lines: string[] = []
    const reader = createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
    await once(reader, 'line')
    const printed = JSON.parse(lines[0] ?? '') as {
      url: string
      rootPublicKey: string
      mediaCertificate: string
      controlUrl: string
    }
    return { child, ended, lines, printed, sim: await connectSimulator(printed.controlUrl) }
  }

  it(
    'prints one line of JSON and ends with 0 on SIGTERM and on SIGINT',
    async () => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) {
        const { child, ended, lines, printed, sim } = await start('--seed', 'command')
        expect(printed).toEqual({
          url: sim.url,
          rootPublicKey: sim.rootPublicKey.toString('hex'),
          mediaCertificate: sim.mediaCertificate,
          controlUrl: sim.controlUrl,
        })
        child.kill(signal)
        expect(await ended).toBe(0)
        expect(lines).toHaveLength(1)
      }
    },
    PATIENCE_MS,
  )

  it(
    'goes on where a kill -9 has stopped it',
    async () => {
      const file = join(folder, 'state.json')
      const first = await start('--snapshot', file)
      const ana = await first.sim.createPhone({ number: ANA, name: 'Ana' })
      await first.sim.createPhone({ number: CAROL, name: 'Carol' })
      const client = await linkedClient(first.sim, ana)
      await eventually(() => client.auth.creds.accountSyncCounter).toBeGreaterThan(0)
      await first.sim.phone(CAROL).sendText(ANA, 'before the kill')
      await client.message('before the kill')
      const port = new URL(first.sim.url).port
      client.close()
      await eventually(async () => (await first.sim.connections()).length).toBe(0)
      const { id } = await first.sim.phone(CAROL).sendText(ANA, 'nobody is there')
      await eventually(() => readFile(file, 'utf8')).toContain(id)
      first.child.kill('SIGKILL')
      expect(await first.ended).toBe('SIGKILL')

      const second = await start('--snapshot', file, '--port', port)
      expect(second.printed).toMatchObject({ url: first.sim.url, rootPublicKey: first.printed.rootPublicKey })
      client.reconnect()
      await client.opened()
      await client.message('nobody is there')
      await client.sendText(`${CAROL}@s.whatsapp.net`, 'after the kill')
      await second.sim.phone(CAROL).waitForMessage('after the kill')
      expect(await second.sim.unhandled()).toEqual([])
      client.close()

      second.child.kill('SIGTERM')
      expect(await second.ended).toBe(0)
      expect(await readdir(folder)).toEqual(['state.json'])
      expect((await stat(file)).mode & 0o777).toBe(0o600)
    },
    PATIENCE_MS,
  )

  it(
    'removes what a kill while saving has left, and nothing else',
    async () => {
      const file = join(folder, 'state.json')
      const others = ['other.json.1.tmp', 'state.json.backup.tmp', 'state.json.tmp']
      for (const name of ['state.json.1.tmp', 'state.json.4194304.tmp', ...others])
        await writeFile(join(folder, name), '{')
      const { child, ended } = await start('--snapshot', file)
      expect((await readdir(folder)).toSorted()).toEqual([...others, 'state.json'].toSorted())
      child.kill('SIGTERM')
      expect(await ended).toBe(0)
    },
    PATIENCE_MS,
  )

  it('leaves nothing when it cannot save', async () => {
    const path = join(folder, 'state.json')
    await mkdir(path)
    const file = new SnapshotFile(path)
    await expect(file.save({ format: 'trunkline-simulator', version: 1, state: {} })).rejects.toMatchObject({
      code: 'EISDIR',
    })
    expect(await readdir(folder)).toEqual(['state.json'])
  })

  it(
    'explains itself, and says what is wrong with its arguments or its file',
    async () => {
      await writeFile(join(folder, 'broken.json'), '{"format":')
      const runs = [
        run('--help'),
        run('--port', 'x'),
        run('--colour', 'red'),
        run('--snapshot', join(folder, 'broken.json')),
      ] as const
      const ends = await Promise.all(runs.map(async ({ ended, text }) => [await text('stderr'), await ended] as const))
      expect(ends.map(([, code]) => code)).toEqual([0, 2, 2, 1])
      expect(ends[1]?.[0]).toContain('--port is a number from 0 to 65535')
      expect(ends[2]?.[0]).toContain('--colour')
      expect(ends[3]?.[0]).toContain('is not JSON')
    },
    PATIENCE_MS,
  )
})

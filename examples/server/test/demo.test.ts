import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it, vi } from 'vitest'
import { startDemoWorld } from '../src/demo/demo-world.js'
import { runScripted } from '../src/demo/scripted.js'

/** It takes 5 s; a machine that does much else takes longer. */
const PATIENCE_MS = 120_000

const main = fileURLToPath(new URL('../src/demo/main.ts', import.meta.url))

const args = ['--conditions=dev-source', '--import', 'tsx', main, '--scripted']

it('plays the main job from login to read receipt, links by a code, and exits 0', { timeout: PATIENCE_MS }, () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const steps = stdout.split('\n').flatMap((line) => /^ *[\d.]+ s {2}(.+)$/.exec(line)?.[1] ?? [])
  expect(steps).toEqual([
    'server and simulator started',
    'login',
    'session ana created',
    'QR received',
    'scanned',
    'connected',
    'session ben created',
    'QR received',
    'scanned',
    'connected',
    'message A→B',
    'message B→A',
    'message customer→A',
    'delivered',
    'read',
    'session ana-desk created',
    'pairing code received',
    'code typed',
    'connected',
    'closed',
    'in all: everything worked',
  ])
})

it('keeps what the server keeps where it is told to', { timeout: PATIENCE_MS }, () => {
  // Nobody listens there: a run that did not use it would succeed.
  const env = { ...process.env, MONGODB_URI: 'mongodb://127.0.0.1:1/demo?serverSelectionTimeoutMS=100' }
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env })
  expect(status).toBe(1)
  expect(stderr).toContain('MONGODB_URI')
})

it('answers 1 and names the step that failed', { timeout: PATIENCE_MS }, async () => {
  const written: string[] = []
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0)
  const answer = await runScripted(async (folder, options) => {
    const world = await startDemoWorld(folder, options)
    world.phones.ana.scanQr = async () => Promise.reject(new Error('This phone has no camera'))
    return world
  })
  vi.restoreAllMocks()
  expect(answer).toBe(1)
  expect(written.at(-1)).toBe('Failed at: scanned\nThis phone has no camera\n')
})

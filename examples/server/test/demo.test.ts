import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const main = fileURLToPath(new URL('../src/demo/main.ts', import.meta.url))

it('plays the main job from login to read receipt, and exits 0', () => {
  const args = ['--conditions=dev-source', '--import', 'tsx', main, '--scripted']
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
    'in all: everything worked',
  ])
})

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const file = fileURLToPath(new URL('collecting-process.ts', import.meta.url))

it('a collection while a key is made does not stop the process', () => {
  const args = ['--expose-gc', '--conditions=dev-source', '--import', 'tsx', file]
  const { stdout, signal } = spawnSync(process.execPath, args, {
    timeout: 30_000,
    killSignal: 'SIGKILL',
    encoding: 'utf8',
  })
  expect({ stdout, signal }).toEqual({ stdout: '1\n', signal: null })
})

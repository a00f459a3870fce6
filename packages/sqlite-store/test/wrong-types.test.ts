import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const script = fileURLToPath(new URL('wrong-types.ts', import.meta.url))

it.each(['memory', 'sqlite'])('an id of a wrong type is refused by name and ends nothing, on %s', async (kind) => {
  const folder = await mkdtemp(join(tmpdir(), 'trunkline-sqlite-'))
  try {
    const args = ['--conditions=dev-source', '--import', 'tsx', script, kind, join(folder, 'file.db')]
    const { stdout } = await promisify(execFile)(process.execPath, args)
    const { outcomes, kept } = JSON.parse(stdout) as { outcomes: Record<string, string>; kept: string }
    expect(kept).toBe('shop')

    const ofManager = Object.entries(outcomes).filter(([call]) => call.startsWith('manager '))
    expect(ofManager.length).toBeGreaterThan(250)
    for (const [call, outcome] of ofManager) expect([call, outcome]).toEqual([call, 'refused sessionId'])

    // A store that cannot bind the value says so. Where it can, as it can a number, there is nothing of that id.
    const ofStore = Object.entries(outcomes).filter(([call]) => call.startsWith('store '))
    for (const [call, outcome] of ofStore)
      expect([call, outcome]).toEqual([call, expect.stringMatching(/^(answered|refused .+)$/)])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

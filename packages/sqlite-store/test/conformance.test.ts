import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { storeSuite } from '@trunkline/conformance'
import { it } from 'vitest'
import { ENGINE_KINDS, type EngineKind, openEngine } from '../src/engine.js'
import { createSqliteStore, createStoreOn } from '../src/sqlite-store.js'
import { openFailingEngine } from './failing-engine.js'

const newFolder = () => mkdtemp(join(tmpdir(), 'trunkline-sqlite-'))
const removeFolder = (folder: string) => rm(folder, { recursive: true, force: true })

/** Why an engine cannot be used here, or nothing. */
async function missing(kind: EngineKind): Promise<string | undefined> {
  const folder = await newFolder()
  try {
    ;(await openEngine(join(folder, 'probe.db'), kind)).close()
    return undefined
  } catch (error) {
    return String((error as Error).cause).split('\n')[0]
  } finally {
    await removeFolder(folder)
  }
}

for (const kind of ENGINE_KINDS) {
  const reason = await missing(kind)
  if (reason) {
    it.skip(`${kind} keeps the promises of a store (skipped: ${reason})`, () => {})
    continue
  }
  storeSuite({
    name: `sqlite on ${kind}`,
    backend: newFolder,
    open: async (folder, { clock }) =>
      createSqliteStore({ path: join(folder, 'data', 'file.db'), engine: kind, clock }),
    destroy: removeFolder,
    async openFailing(folder, { writes, clock }) {
      const path = join(folder, 'data', 'file.db')
      const engine = await openFailingEngine(path, kind, writes)
      const store = createStoreOn(async (file) => (file === path ? engine : openEngine(file, kind)), { path, clock })
      await store.setup()
      engine.arm()
      return store
    },
    lacks: { shared: 'a lock keeps everybody else off the file' },
  })
}

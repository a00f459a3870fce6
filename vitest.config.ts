import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { loopbackOnly } from './scripts/lib/run.mjs'

const root = fileURLToPath(new URL('.', import.meta.url))

// Workers, and whatever the tests start, inherit this: nothing leaves loopback.
process.env.NODE_OPTIONS = loopbackOnly().NODE_OPTIONS

// Packages are tested from their sources: the 'dev-source' condition of each package's exports comes first.
const conditions = ['dev-source', 'module', 'node', 'development|production']

const project = (name: string, folder: string, include: string[]) => ({
  ssr: { resolve: { conditions, externalConditions: ['dev-source', 'node'] } },
  test: {
    name,
    root: `${root}${folder}`,
    include,
    // Only how long a test that hangs may take, on a machine that does other things too.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})

const packageTests = ['src/**/*.test.ts', 'test/**/*.test.ts']

export default defineConfig({
  test: {
    projects: [
      ...readdirSync(`${root}packages`).map((name) => project(name, `packages/${name}`, packageTests)),
      ...readdirSync(`${root}examples`).map((name) => project(`example-${name}`, `examples/${name}`, packageTests)),
      project('scripts', 'scripts', ['**/*.test.mjs']),
      project('e2e', 'e2e', ['**/*.test.ts']),
    ],
    // Processes rather than threads: a test may patch its process, and what it starts dies with it.
    pool: 'forks',
    maxWorkers: Math.max(2, availableParallelism()),
    coverage: { provider: 'v8', include: ['packages/*/src/**/*.ts'], exclude: ['**/*.test.ts'] },
  },
})

import { readdirSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

// Packages are tested from their sources: the 'dev-source' condition of each package's exports comes first.
const conditions = ['dev-source', 'module', 'node', 'development|production']

const project = (name: string, root: string) => ({
  ssr: { resolve: { conditions, externalConditions: ['dev-source', 'node'] } },
  test: {
    name,
    root,
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
})

export default defineConfig({
  test: {
    projects: [...readdirSync('packages').map((name) => project(name, `packages/${name}`)), project('e2e', 'e2e')],
  },
})

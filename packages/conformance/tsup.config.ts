import { defineConfig } from 'tsup'
import { library } from '../../tsup.preset.js'

// ESM only: vitest cannot be required.
export default defineConfig(
  library({ entry: ['src/index.ts', 'src/fixtures.ts', 'src/testing/index.ts'], format: ['esm'] }),
)

import { defineConfig } from 'tsup'
import { library } from '../../tsup.preset.js'

export default defineConfig(
  library({
    entry: ['src/index.ts', 'src/openapi.ts'],
    platform: 'neutral',
    target: 'es2022',
    // The types of core are written into ours, so that a browser project never installs core and with it Baileys.
    dts: {
      resolve: ['@trunkline/core'],
      compilerOptions: { ignoreDeprecations: '6.0', customConditions: [] },
    },
  }),
)

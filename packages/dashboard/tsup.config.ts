import { copyFileSync } from 'node:fs'
import { defineConfig } from 'tsup'
import { library } from '../../tsup.preset.js'

export default defineConfig(
  library({
    entry: ['src/index.ts', 'src/react.ts'],
    // The page is built beside it by build-page.mjs, which must not find its folder emptied.
    clean: ['dist/*.{js,cjs,ts,cts,map,css}'],
    shims: true,
    // What the parts need is built into them, but for what a host has anyway.
    external: ['react', 'react/jsx-runtime', 'react-dom', '@trunkline/client'],
    async onSuccess() {
      copyFileSync('src/react/styles.css', 'dist/styles.css')
    },
  }),
)

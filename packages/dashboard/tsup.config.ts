import { defineConfig } from 'tsup'
import { library } from '../../tsup.preset.js'

// The page is built beside it by build-page.mjs, which must not find its folder emptied.
export default defineConfig(library({ clean: ['dist/*.{js,cjs,ts,cts,map}'], shims: true }))

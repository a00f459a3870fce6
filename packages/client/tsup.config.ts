import { defineConfig } from 'tsup'
import { library } from '../../tsup.preset.js'
import { tableInlined } from './table-plugin.js'

export default defineConfig(library({ platform: 'neutral', target: 'es2022', esbuildPlugins: [tableInlined()] }))

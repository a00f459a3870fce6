import { defineConfig } from 'tsup'
import { library } from '../../tsup.preset.js'

const entry = ['src/index.ts', 'src/store.ts']
const { dts } = library()

/** The types of one door, whole in one file: `contract` writes those of the first into its own, and could not follow a shared one. */
const typesOf = (door: string) =>
  library({ entry: [door], clean: false, dts: { ...(typeof dts === 'object' ? dts : {}), only: true } })

export default defineConfig([library({ entry, dts: false }), ...entry.map(typesOf)])

import { AREAS, UNLOGGED_EVENTS } from '@trunkline/contract'
import { tableOf } from './src/table.js'

interface Build {
  onLoad(options: { filter: RegExp }, callback: () => { contents: string; loader: 'js' }): void
}

/**
 * For the build: in the place of the file that reads the table of the contract stands what it says, as data. So the client never
 * imports the contract when it runs, nor zod with it, and has every route without being told.
 */
export function tableInlined(): { name: string; setup(build: Build): void } {
  const contents = [
    `export const TABLE = ${JSON.stringify(tableOf(AREAS))}`,
    `export const UNLOGGED_EVENTS = ${JSON.stringify(UNLOGGED_EVENTS)}`,
  ].join('\n')
  return {
    name: 'table-inlined',
    setup(build) {
      build.onLoad({ filter: /[\\/]client[\\/]src[\\/]contract-table\.ts$/ }, () => ({ contents, loader: 'js' }))
    },
  }
}

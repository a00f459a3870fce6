// The one file that reads the contract when it runs. The build puts the data in its place: see table-plugin.ts.
import { AREAS, UNLOGGED_EVENTS } from '@trunkline/contract'
import { tableOf } from './table.js'

export const TABLE = tableOf(AREAS)

export { UNLOGGED_EVENTS }

export { EVENT_NAMES } from '@trunkline/contract'
export * from '../src/index.js'

export type { BridgeManager, SocketioBridge, SocketioBridgeOptions } from './bridge.js'
export { attachSocketioBridge } from './bridge.js'

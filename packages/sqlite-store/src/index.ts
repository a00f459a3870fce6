export type { EngineKind } from './engine.js'
export { ENGINE_KINDS } from './engine.js'
export type { SqliteStoreOptions } from './sqlite-store.js'
export { createSqliteStore } from './sqlite-store.js'

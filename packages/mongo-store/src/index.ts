export type { MongoStoreOptions } from './mongo-store.js'
export { createMongoStore } from './mongo-store.js'

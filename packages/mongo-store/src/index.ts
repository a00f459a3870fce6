export type { MongoStoreOptions } from './mongo-store.js'
export { createMongoStore } from './mongo-store.js'
export type { ReadMongoAuthOptions } from './read-mongo-auth.js'
export { readMongoAuth } from './read-mongo-auth.js'

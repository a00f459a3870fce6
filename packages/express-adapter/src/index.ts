export type { ExpressAdapterOptions, ExpressHandler, ExpressRequest } from './express-adapter.js'
export { createExpressAdapter } from './express-adapter.js'

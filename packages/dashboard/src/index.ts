export type { DashboardOptions, PageHandler, PageRequest } from './dashboard.js'
export { dashboard } from './dashboard.js'

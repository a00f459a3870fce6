export type { DocumentOptions, OpenApiDocument } from './openapi/document.js'
export { openApiDocument } from './openapi/document.js'

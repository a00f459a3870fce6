import type { ConnectionClose } from '../../ports/connector.js'

/** The error of a Baileys close as data: a Boom with a status code, and in `data` the stanza (or its attributes) that caused it. */
export function toClose(error: unknown): ConnectionClose {
  if (!(error instanceof Error)) return { message: 'The connection was closed' }
  const boom = error as Error & { output?: { statusCode?: unknown }; data?: unknown }
  const statusCode = Number(boom.output?.statusCode)
  const attributes = attributesOf(boom.data)
  return {
    message: error.message,
    ...(Number.isFinite(statusCode) ? { statusCode } : {}),
    ...(attributes ? { attributes } : {}),
  }
}

/** `stream:error` gives its child node, `failure` gives its attributes, a WebSocket error gives an Error. */
function attributesOf(data: unknown): Record<string, string> | undefined {
  if (typeof data !== 'object' || data === null || data instanceof Error) return undefined
  const source = 'attrs' in data && typeof data.attrs === 'object' && data.attrs !== null ? data.attrs : data
  const entries = Object.entries(source).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return entries.length > 0 ? Object.fromEntries(entries) : undefined
}

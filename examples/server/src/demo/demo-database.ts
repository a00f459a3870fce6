/** MongoDB takes names of up to 63 bytes. */
const MAX_NAME = 63
const SUFFIX = '-demo'

/**
 * The database that the demo plays in, beside the one that a `MONGODB_URI` names: accounts of real phones must never meet the
 * simulator, which does not know them and would log them out.
 */
export function demoDatabase(uri: string): string {
  const [, server, name = '', query = ''] = /^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?([^?]*)(?:\?(.*))?$/.exec(uri) ?? []
  // Whatever is no such URI is refused by its name when the server starts.
  if (server === undefined) return uri
  const database = name.endsWith(SUFFIX) ? name : `${(name || 'trunkline').slice(0, MAX_NAME - SUFFIX.length)}${SUFFIX}`
  const parameters = new URLSearchParams(query)
  // Without it the driver looks for the user in the database of the URI, which is another one now.
  if (server.includes('@') && name && !parameters.has('authSource'))
    parameters.set('authSource', decodeURIComponent(name))
  const rest = parameters.toString()
  return `${server}/${database}${rest ? `?${rest}` : ''}`
}

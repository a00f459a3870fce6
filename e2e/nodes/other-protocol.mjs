// Hooks of the loader: what this server says to others is of another version of the protocol, and it knows only that one.
let version

export function initialize(given) {
  version = given
}

export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context)
  if (!new URL(url).pathname.endsWith('/core/src/cluster/message.ts')) return loaded
  const source = String(loaded.source)
  const changed = source.replace(/\bVERSION\s*=\s*1\b/, `VERSION = ${version}`)
  if (changed === source) throw new Error('There is no version to change')
  return { ...loaded, source: changed }
}

// Hooks of the loader: constants of this server are others than those that are written in its sources.
/** By the end of its file's path: what it is called, and what it is here. */
let constants

export function initialize(given) {
  constants = Object.entries(given)
}

export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context)
  const own = constants.filter(([file]) => new URL(url).pathname.endsWith(file))
  if (own.length === 0) return loaded
  const source = own.reduce((text, [, { name, value }]) => {
    const changed = text.replace(
      new RegExp(`\\b${name}(?::\\s*\\w+)?\\s*=\\s*(\\{[^}]*\\}|[^,;\\n]+)`),
      `${name} = ${value}`,
    )
    if (changed === text) throw new Error(`There is no ${name} to change`)
    return changed
  }, String(loaded.source))
  return { ...loaded, source }
}

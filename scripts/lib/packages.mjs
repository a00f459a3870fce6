// What the workspace consists of, and in which order it is built.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './ensure-installed.mjs'

/**
 * @typedef {object} Package
 * @property {string} name
 * @property {string} folder
 * @property {boolean} published
 * @property {boolean} built whether tsup builds it
 * @property {string[]} requires workspace packages that have to be built before it
 */

/** @returns {Package[]} every folder of packages/, in the order in which they can be built */
export function listPackages() {
  const found = readdirSync(join(root, 'packages'))
    .map((name) => join(root, 'packages', name))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => ({ folder, manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }))
  const names = new Set(found.map(({ manifest }) => manifest.name))
  const internal = (dependencies) => Object.keys(dependencies ?? {}).filter((name) => names.has(name))
  const hard = new Map(
    found.map(({ manifest }) => [
      manifest.name,
      [...internal(manifest.dependencies), ...internal(manifest.peerDependencies)],
    ]),
  )
  const packages = found.map(({ folder, manifest }) => ({
    name: manifest.name,
    folder,
    published: !manifest.private,
    built: existsSync(join(folder, 'tsup.config.ts')),
    requires: [
      ...(hard.get(manifest.name) ?? []),
      // A package that only its tests need may need this one in turn: then it waits.
      ...internal(manifest.devDependencies).filter((name) => !reaches(hard, name, manifest.name)),
    ],
  }))
  return inBuildOrder(packages)
}

/** @returns {Package[]} the named package and everything it needs at run time or build time, in build order */
export function withRequired(packages, name) {
  const requires = new Map(packages.map((entry) => [entry.name, entry.requires]))
  return packages.filter((entry) => reaches(requires, name, entry.name))
}

/** Whether the build output is missing or older than something it was made from. */
export function isStale({ folder }) {
  const output = join(folder, 'dist', 'index.js')
  if (!existsSync(output)) return true
  const builtAt = statSync(output).mtimeMs
  const inputs = [join(folder, 'package.json'), join(folder, 'tsup.config.ts'), join(root, 'tsup.preset.ts')]
  return [...inputs, ...filesBelow(join(folder, 'src'))].some((path) => statSync(path).mtimeMs > builtAt)
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesBelow(path) : [path]
  })
}

function reaches(graph, from, target, seen = new Set()) {
  if (from === target) return true
  if (seen.has(from)) return false
  seen.add(from)
  return (graph.get(from) ?? []).some((next) => reaches(graph, next, target, seen))
}

function inBuildOrder(packages) {
  const byName = new Map(packages.map((entry) => [entry.name, entry]))
  const ordered = new Set()
  const add = (entry) => {
    if (ordered.has(entry)) return
    for (const name of entry.requires) add(byName.get(name))
    ordered.add(entry)
  }
  for (const entry of packages) add(entry)
  return [...ordered]
}

// What the workspace consists of, and in which order it is built.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './ensure-installed.mjs'

/**
 * @typedef {object} Package
 * @property {string} name
 * @property {string} folder
 * @property {boolean} built whether tsup builds it
 * @property {string[]} dependencies packages of the workspace that it needs when it runs
 * @property {string[]} after packages of the workspace that are built before it
 */

/** @returns {Package[]} every folder of packages/, in the order in which they can be built */
export function listPackages() {
  const found = readdirSync(join(root, 'packages'))
    .map((name) => join(root, 'packages', name))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => ({ folder, manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }))
  return inBuildOrder(found.map(({ manifest }) => manifest)).map(({ name, dependencies, after }) => {
    const { folder } = found.find(({ manifest }) => manifest.name === name)
    return { name, folder, built: existsSync(join(folder, 'tsup.config.ts')), dependencies, after }
  })
}

/** @returns {Package[]} the named package and all that it needs when it runs, in build order */
export function withDependencies(packages, name) {
  const graph = new Map(packages.map((entry) => [entry.name, entry.dependencies]))
  return packages.filter((entry) => reaches(graph, name, entry.name))
}

/** What each manifest needs of the others, sorted so that a package comes after those that are built before it. */
export function inBuildOrder(manifests) {
  const names = new Set(manifests.map(({ name }) => name))
  const internal = (dependencies) => Object.keys(dependencies ?? {}).filter((name) => names.has(name))
  const graph = new Map(
    manifests.map(({ name, dependencies, peerDependencies }) => [
      name,
      [...internal(dependencies), ...internal(peerDependencies)],
    ]),
  )
  const nodes = manifests.map(({ name, devDependencies }) => ({
    name,
    dependencies: graph.get(name),
    after: [
      ...graph.get(name),
      // Types may be inlined from a development dependency. One that needs this package in turn serves only its tests.
      ...internal(devDependencies).filter((other) => !reaches(graph, other, name)),
    ],
  }))
  const ordered = new Set()
  const add = (node) => {
    if (ordered.has(node)) return
    for (const name of node.after) add(nodes.find((other) => other.name === name))
    ordered.add(node)
  }
  for (const node of nodes) add(node)
  return [...ordered]
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

import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { root } from './ensure-installed.mjs'
import { captureNode } from './run.mjs'
import { createSlots } from './slots.mjs'

const tsup = join(root, 'node_modules', 'tsup', 'dist', 'cli-default.js')

/**
 * Builds the packages, each after those it requires, as many at once as there are cores. Prints what tsup says only for
 * the one that fails.
 *
 * @param {import('./packages.mjs').Package[]} packages in build order
 * @returns {Promise<boolean>} whether all were built
 */
export async function buildPackages(packages) {
  const slots = createSlots(availableParallelism())
  /** @type {Map<string, Promise<boolean>>} */
  const results = new Map()
  for (const entry of packages.filter(({ built }) => built)) {
    const before = entry.after.flatMap((name) => results.get(name) ?? [])
    results.set(entry.name, buildOne(entry, before, slots))
  }
  return (await Promise.all(results.values())).every(Boolean)
}

async function buildOne({ name, folder }, before, slots) {
  if (!(await Promise.all(before)).every(Boolean)) return false
  return slots(async () => {
    const started = Date.now()
    // A page comes first: what is missing or stale is told by what tsup writes last.
    const page = join(folder, 'build-page.mjs')
    const first = existsSync(page) ? await captureNode([page]) : { code: 0, output: '' }
    const { code, output } = first.code === 0 ? await captureNode([tsup], { cwd: folder }) : first
    const seconds = ((Date.now() - started) / 1000).toFixed(1)
    process.stdout.write(code === 0 ? `built ${name} in ${seconds} s\n` : `${output}\nbuilding ${name} failed\n`)
    return code === 0
  })
}

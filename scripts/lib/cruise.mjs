import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from './ensure-installed.mjs'

/**
 * Checks the floors of the workspace in a folder.
 *
 * @param {string} folder
 * @returns {{ modules: number, dependencies: number, violations: { rule: string, from: string, to: string }[] }}
 */
export function cruiseFloors(folder) {
  const cli = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs')
  const config = join(root, '.dependency-cruiser.cjs')
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [cli, '--config', config, '--output-type', 'json', 'packages'],
    { cwd: folder, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 },
  )
  if (!stdout) throw new Error(`dependency-cruiser printed no result\n${stderr}`)
  const { summary } = JSON.parse(stdout)
  return {
    modules: summary.totalCruised,
    dependencies: summary.totalDependenciesCruised,
    violations: summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to })),
  }
}

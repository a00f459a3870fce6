import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pnpm, root, runInstaller } from './ensure-installed.mjs'

const folder = join(root, 'node_modules', '.cache', 'trunkline', 'packed')

/**
 * Packs every package as it would be published.
 *
 * @returns {string[]} the tarballs
 */
export function packAll() {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  // pnpm, not npm: it is what publishes.
  runInstaller('npx', ['-y', pnpm, '-r', '--filter', './packages/*', 'pack', '--pack-destination', folder])
  return readdirSync(folder)
    .filter((name) => name.endsWith('.tgz'))
    .map((name) => join(folder, name))
}

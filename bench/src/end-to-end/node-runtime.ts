import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CACHE } from './bundle.js'

/** The `node` of a major version: this one, or npm's package of it, which is fetched once. */
export async function nodeBinary(major: string): Promise<string> {
  if (process.versions.node.split('.')[0] === major) return process.execPath
  const name = `node-${process.platform}-${process.arch}`
  const prefix = join(CACHE, `node-${major}`)
  const binary = join(prefix, 'node_modules', name, 'bin', 'node')
  if (!existsSync(binary)) {
    console.error(`Fetching ${name}@${major} from npm`)
    await mkdir(prefix, { recursive: true })
    await promisify(execFile)('npm', ['install', '--no-save', '--no-audit', '--prefix', prefix, `${name}@${major}`])
  }
  return binary
}

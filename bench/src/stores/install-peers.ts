import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CACHE } from '../end-to-end/bundle.js'

/**
 * Auth stores for Baileys that npm has, in an install of their own: each would bring another Baileys, from a Git repository,
 * and the first does not name `uuid`, which it needs.
 */
const MANIFEST = {
  private: true,
  dependencies: {
    'mongo-baileys': '1.0.1',
    uuid: '9.0.1',
    '@rodrigogs/baileys-store': '2.0.0',
    baileys: 'npm:@whiskeysockets/baileys@7.0.0-rc14',
  },
  overrides: { '@whiskeysockets/baileys': '7.0.0-rc14', baileys: '$baileys' },
}

/** The folder they are in, fetched once. @throws when they cannot be installed */
export async function installPeers(): Promise<string> {
  const prefix = join(CACHE, 'store-peers')
  if (existsSync(join(prefix, 'node_modules'))) return prefix
  console.error('Fetching other stores from npm')
  await mkdir(prefix, { recursive: true })
  await writeFile(join(prefix, 'package.json'), JSON.stringify(MANIFEST))
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund']
  try {
    await promisify(execFile)('npm', ['install', ...flags, '--prefix', prefix], { timeout: 5 * 60_000 })
  } catch (error) {
    await rm(prefix, { recursive: true, force: true })
    throw error
  }
  return prefix
}

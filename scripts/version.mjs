// The release workflow's step between changesets and a pull request: new versions, and a lock file that knows them.
import { ensureInstalled, pnpm, runInstaller } from './lib/ensure-installed.mjs'

ensureInstalled()
runInstaller('npx', ['changeset', 'version'])
runInstaller('npx', ['-y', pnpm, 'install', '--lockfile-only'])

// Builds the page to dist/page. Run from the sources of the workspace, so that no other package has to be built before.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('.', import.meta.url))
const vite = join(folder, 'node_modules', 'vite', 'bin', 'vite.js')
const args = ['--conditions=dev-source', '--import', 'tsx', vite, 'build', '--configLoader', 'native']
// Whatever it is called from: with another NODE_ENV React would be the one of developers, thrice as large.
const env = { ...process.env, NODE_ENV: 'production' }
const { status } = spawnSync(process.execPath, args, { cwd: folder, env, stdio: 'inherit' })
process.exitCode = status ?? 1

// Builds the page to dist/page. Run from the sources of the workspace, so that no other package has to be built before.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('.', import.meta.url))
const vite = join(folder, 'node_modules', 'vite', 'bin', 'vite.js')
const args = ['--conditions=dev-source', '--import', 'tsx', vite, 'build', '--configLoader', 'native']
const { status } = spawnSync(process.execPath, args, { cwd: folder, stdio: 'inherit' })
process.exitCode = status ?? 1

// Unused files, exports and dependencies, and dependencies that are used without being listed.
import { ensureInstalled } from './lib/ensure-installed.mjs'
import { captureNode } from './lib/run.mjs'

ensureInstalled()
const { code, output } = await captureNode(['node_modules/knip/bin/knip.js', '--no-progress', '--no-config-hints'])
process.stdout.write(code === 0 ? 'knip found nothing unused\n' : `${output}\nknip found something unused\n`)
process.exitCode = code

// Plain `npm install` in the root has to find versions for everything, as pnpm does: the manifests alone, no downloads.
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { ensureInstalled, manifests, root, runInstaller } from './lib/ensure-installed.mjs'

ensureInstalled()
const folder = mkdtempSync(join(tmpdir(), 'trunkline-npm-'))
for (const manifest of manifests()) cpSync(manifest, join(folder, relative(root, manifest)))
runInstaller('npm', ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder })
rmSync(folder, { recursive: true, force: true })
process.stdout.write('npm install finds a version for every dependency\n')

// What would be published: packed tarballs, looked at by publint and by "are the types wrong".
import { availableParallelism } from 'node:os'
import { basename } from 'node:path'
import { ensureInstalled } from './lib/ensure-installed.mjs'
import { packAll } from './lib/pack.mjs'
import { captureNode } from './lib/run.mjs'
import { createSlots } from './lib/slots.mjs'

/** vitest cannot be required, so neither can what imports it. */
const ESM_ONLY = ['conformance']

ensureInstalled()
const tarballs = packAll()
const slots = createSlots(availableParallelism())
const results = await Promise.all(tarballs.map((tarball) => slots(() => check(tarball))))
const failed = results.filter((ok) => !ok).length
process.stdout.write(`${tarballs.length} tarballs checked by publint and attw, ${failed} with problems\n`)
process.exitCode = failed > 0 || tarballs.length === 0 ? 1 : 0

async function check(tarball) {
  const publint = await captureNode(['node_modules/publint/src/cli.js', 'run', tarball, '--strict'])
  const profile = ESM_ONLY.some((name) => basename(tarball).startsWith(`trunkline-${name}-`)) ? 'esm-only' : 'node16'
  const cli = 'node_modules/@arethetypeswrong/cli/dist/index.js'
  // A style sheet has no types.
  const styles = basename(tarball).startsWith('trunkline-dashboard-') ? ['--exclude-entrypoints', './styles.css'] : []
  const attw = await captureNode([cli, tarball, '--format', 'ascii', '--profile', profile, ...styles])
  for (const { code, output } of [publint, attw]) {
    if (code !== 0) process.stdout.write(`${basename(tarball)}\n${output}\n`)
  }
  return publint.code === 0 && attw.code === 0
}

// npm run verify: everything that is checked without running the code. All steps run, so that one run shows all there is.
import { ensureInstalled } from './lib/ensure-installed.mjs'
import { runNode } from './lib/run.mjs'

ensureInstalled()
// Build first: Biome sees floating promises of another package only in what is built.
const steps = ['build', 'lint', 'types', 'floors', 'unused', 'packaging', 'npm-install']
const failed = []
for (const step of steps) {
  process.stdout.write(`\n--- ${step}\n`)
  const started = Date.now()
  if ((await runNode([`scripts/${step}.mjs`])) !== 0) failed.push(step)
  process.stdout.write(`(${((Date.now() - started) / 1000).toFixed(1)} s)\n`)
}
process.stdout.write(
  failed.length > 0 ? `\nverify failed at: ${failed.join(', ')}\n` : `\nverified: ${steps.join(', ')}\n`,
)
process.exitCode = failed.length > 0 ? 1 : 0

// The types of every folder that has a tsconfig.json, packages by their sources.
import { existsSync, readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { ensureInstalled, root } from './lib/ensure-installed.mjs'
import { captureNode } from './lib/run.mjs'
import { createSlots } from './lib/slots.mjs'

ensureInstalled()
const below = (folder) => readdirSync(join(root, folder)).map((name) => join(folder, name))
const folders = [...below('packages'), ...below('examples'), 'e2e', 'bench', 'scripts'].filter((folder) =>
  existsSync(join(root, folder, 'tsconfig.json')),
)
const slots = createSlots(availableParallelism())
const failed = (await Promise.all(folders.map((folder) => slots(() => check(folder))))).filter((ok) => !ok).length
process.stdout.write(`${folders.length} folders type-checked, ${failed} with errors\n`)
process.exitCode = failed > 0 ? 1 : 0

async function check(folder) {
  const { code, output } = await captureNode([
    'node_modules/typescript/bin/tsc',
    '--noEmit',
    '--pretty',
    'false',
    '-p',
    folder,
  ])
  // A folder that holds nothing yet has no errors in it.
  const ok = code === 0 || /^error TS18003/.test(output)
  if (!ok) process.stdout.write(`${folder}\n${output}`)
  return ok
}

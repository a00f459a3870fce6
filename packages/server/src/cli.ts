import { TrunklineError } from '@trunkline/core'
import { runCommand } from './commands.js'

runCommand(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${explain(error)}\n`)
  process.exit(1)
})

function explain(error: unknown): string {
  if (TrunklineError.is(error, 'CONFIG_INVALID')) return error.message
  if (TrunklineError.is(error)) return `${error.code}: ${error.message}`
  return error instanceof Error ? error.message : String(error)
}

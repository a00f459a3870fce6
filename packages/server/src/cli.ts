import { runCommand } from './commands.js'
import { explain } from './explain.js'

runCommand(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${explain(error)}\n`)
  process.exit(1)
})

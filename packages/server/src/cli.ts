import { TrunklineError } from '@trunkline/core'
import { runUntilSignal } from './run-until-signal.js'
import { seed, startServer } from './server.js'

const USAGE = `trunkline [start]   runs the server; its settings come from the environment
trunkline seed      makes sure of the admin that ADMIN_EMAIL and ADMIN_PASSWORD name
`

async function main(command: string): Promise<void> {
  switch (command) {
    case 'start':
      return await start()
    case 'seed':
      return await seed(process.env)
    default:
      process.stderr.write(USAGE)
      process.exitCode = command === 'help' || command === '--help' ? 0 : 2
  }
}

async function start(): Promise<void> {
  const server = await startServer(process.env)
  // One account's mistake must not end the others: what nobody waited for is written down and survived.
  process.on('unhandledRejection', (error) => server.logger.error({ err: error }, 'Nobody handled a rejected promise'))
  runUntilSignal(server, server.logger)
}

main(process.argv[2] ?? 'start').catch((error: unknown) => {
  process.stderr.write(`${explain(error)}\n`)
  process.exit(1)
})

function explain(error: unknown): string {
  if (TrunklineError.is(error, 'CONFIG_INVALID')) return error.message
  if (TrunklineError.is(error)) return `${error.code}: ${error.message}`
  return error instanceof Error ? error.message : String(error)
}

import { parseArgs } from 'node:util'
import { explain } from './explain.js'
import { type ImportOutcome, importAccounts } from './import.js'
import { listArchives, restore } from './restore.js'
import { runUntilSignal } from './run-until-signal.js'
import { seed, startServer } from './server.js'

const USAGE = `trunkline [start]                        runs the server; its settings come from the environment
trunkline seed                           makes sure of the admin that ADMIN_EMAIL and ADMIN_PASSWORD name
trunkline import <folder>                takes accounts over from Baileys' multi-file state, one or a folder of them
trunkline import <mongodb://…> --collection <name>
                                         the same from the collection of a useMongoDBAuthState; * for any characters
          --session <id>                 what to call the session
          --stopped                      does not have the next start connect it
trunkline restore <session>              lists archived credentials
trunkline restore <session> <archive>    puts them back in use; \`latest\` is the newest  [--stopped]
`

/** The command line of the server. Sets the exit code; rejects for what the user has to be told. */
export async function runCommand([command = 'start', ...rest]: readonly string[]): Promise<void> {
  switch (command) {
    case 'start':
      return start()
    case 'seed':
      return seed(process.env)
    case 'import':
      return runImport(rest)
    case 'restore':
      return runRestore(rest)
    default:
      return usage(command === 'help' || command === '--help' ? 0 : 2)
  }
}

async function start(): Promise<void> {
  const server = await startServer(process.env)
  // One account's mistake must not end the others: what nobody waited for is written down and survived.
  process.on('unhandledRejection', (error) => server.logger.error({ err: error }, 'Nobody handled a rejected promise'))
  runUntilSignal(server, server.logger)
}

async function runImport(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      collection: { type: 'string', multiple: true, default: [] },
      session: { type: 'string' },
      stopped: { type: 'boolean', default: false },
    },
  })
  const [from, ...more] = positionals
  const { collection: collections, session: sessionId, stopped } = values
  if (from === undefined || more.length > 0 || (from.startsWith('mongodb') && collections.length === 0)) return usage(2)
  const options = { from, collections, stopped, ...(sessionId === undefined ? {} : { sessionId }) }
  const outcomes = await importAccounts(process.env, options)
  process.stdout.write(outcomes.map(describeOutcome).join(''))
  if (outcomes.some((outcome) => 'error' in outcome)) process.exitCode = 1
}

function describeOutcome(outcome: ImportOutcome): string {
  if ('error' in outcome) return `${outcome.sessionId}: not imported, ${explain(outcome.error)}\n`
  const { sessionId, jid, keys, damaged, ignored } = outcome
  const lines = [`${sessionId}: ${jid} with ${keys} keys`]
  if (damaged.length > 0) lines.push(`  damaged and left out: ${damaged.join(', ')}`)
  if (ignored.length > 0) lines.push(`  not of Baileys and left out: ${ignored.join(', ')}`)
  return `${lines.join('\n')}\n`
}

async function runRestore(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { stopped: { type: 'boolean', default: false } },
  })
  const [sessionId, archiveId, ...more] = positionals
  if (sessionId === undefined || more.length > 0) return usage(2)
  if (archiveId === undefined) {
    const archives = await listArchives(process.env, { sessionId })
    const lines = archives.map(({ id, at, reason }) => `${id}  ${at}  ${reason}\n`)
    process.stdout.write(lines.join('') || `${sessionId} has no archived credentials\n`)
    return
  }
  const chosen = archiveId === 'latest' ? {} : { archiveId }
  const { archive, account } = await restore(process.env, { sessionId, stopped: values.stopped, ...chosen })
  process.stdout.write(`${sessionId}: ${account.jid} is in use again, as archived at ${archive.at}\n`)
}

function usage(exitCode: number): void {
  process.stderr.write(USAGE)
  process.exitCode = exitCode
}

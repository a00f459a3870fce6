import cluster from 'node:cluster'
import { hostname } from 'node:os'
import { parseArgs } from 'node:util'
import { TrunklineError } from '@trunkline/core'
import { type Configuration, readEnvironment } from './environment.js'
import { explain } from './explain.js'
import { type ImportOutcome, importAccounts } from './import.js'
import { createLogger } from './log.js'
import { listArchives, restore } from './restore.js'
import { deadlineOf, runUntilSignal, startedFirst } from './run-until-signal.js'
import { seed, startServer } from './server.js'
import { runWorker } from './workers/run-worker.js'
import { Workers } from './workers/workers.js'

/** The name of a worker has more to it, and a node's is 64 long at most. */
const LONGEST_NAME = 48
/** How much longer than a worker may take to end its primary waits for it, and whoever waits for the primary. */
const GRACE_MS = 1_000

const USAGE = `trunkline [start]                        runs the server; its settings come from the environment
          --workers <n>                  in so many processes, which share its port and one MongoDB
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
export async function runCommand(args: readonly string[]): Promise<void> {
  const [first = 'start'] = args
  const isOption = first.startsWith('--') && first !== '--help'
  const [command, ...rest] = isOption ? ['start', ...args] : [first, ...args.slice(1)]
  switch (command) {
    case 'start':
      return start(rest)
    case 'worker':
      return startWorker(rest)
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

async function start(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { workers: { type: 'string' } } })
  const env = { ...process.env, ...(values.workers === undefined ? {} : { WORKERS: values.workers }) }
  const configuration = readEnvironment(env)
  if (configuration.WORKERS > 1) return startWorkers(configuration)
  const logger = createLogger(configuration.LOG_LEVEL)
  const starting = startServer(env, { logger })
  runUntilSignal(startedFirst(starting), logger, { deadlineMs: deadlineOf(configuration) })
  await starting
  // One account's mistake must not end the others: what nobody waited for is written down and survived.
  process.on('unhandledRejection', (error) => logger.error({ err: error }, 'Nobody handled a rejected promise'))
}

async function startWorkers({ WORKERS: count, NODE_NAME, LOG_LEVEL, NATS_URL }: Configuration): Promise<void> {
  if (!cluster.isPrimary) {
    const message = 'cannot be more than 1 in a process that is a worker itself, of a process manager for example'
    const errors = [{ field: 'WORKERS', message }]
    throw new TrunklineError('CONFIG_INVALID', { message: `WORKERS ${message}`, details: { errors } })
  }
  const logger = createLogger(LOG_LEVEL)
  const endMs = deadlineOf({ NATS_URL }) + GRACE_MS
  const workers = new Workers({ count, name: (NODE_NAME ?? hostname()).slice(0, LONGEST_NAME), endMs, logger })
  runUntilSignal(workers, logger, { deadlineMs: endMs + GRACE_MS })
  try {
    await workers.start()
  } catch (error) {
    await workers.close().catch(() => {})
    throw error
  }
}

/** The internal command of a process that a primary has made. */
async function startWorker([slot, count, folder]: string[]): Promise<void> {
  if (!cluster.isWorker || folder === undefined) return usage(2)
  await runWorker({ slot: Number(slot), count: Number(count), folder })
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

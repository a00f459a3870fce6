import { type CommandArguments, parseArguments, USAGE } from './command/arguments.js'
import { saveOnChange } from './command/save-on-change.js'
import { SnapshotFile } from './command/snapshot-file.js'
import { startSimulator } from './start-simulator.js'

const EXIT_USAGE = 2

async function main(): Promise<void> {
  const options = readArguments()
  if (!options) return
  const file = options.snapshotFile === undefined ? undefined : new SnapshotFile(options.snapshotFile)
  const snapshot = await file?.load()
  const simulator = await startSimulator({ ...options, ...(snapshot ? { snapshot } : {}) })
  const saving = file && saveOnChange(simulator, file, (error) => complain(error))
  await file?.save(simulator.snapshot())
  endOnSignal(async () => {
    await simulator.close()
    await saving?.stop()
  })
  const { url, rootPublicKey, mediaCertificate, controlUrl } = simulator
  process.stdout.write(
    `${JSON.stringify({ url, rootPublicKey: rootPublicKey.toString('hex'), mediaCertificate, controlUrl })}\n`,
  )
}

function readArguments(): CommandArguments | undefined {
  try {
    const options = parseArguments(process.argv.slice(2))
    if (!options.help) return options
    process.stdout.write(USAGE)
  } catch (error) {
    complain(error)
    process.stderr.write(USAGE)
    process.exitCode = EXIT_USAGE
  }
  return undefined
}

/** The second signal does not wait. */
function endOnSignal(close: () => Promise<void>): void {
  let ending = false
  const end = () => {
    if (ending) process.exit(1)
    ending = true
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        complain(error)
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
}

function complain(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
}

main().catch((error: unknown) => {
  complain(error)
  process.exit(1)
})

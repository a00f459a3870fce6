import { parseArgs } from 'node:util'

export interface CommandArguments {
  port: number
  controlPort: number
  seed?: string
  /** Where the state is kept. */
  snapshotFile?: string
  help: boolean
}

export const USAGE = `trunkline-simulator [options]   a WhatsApp on 127.0.0.1, until SIGTERM or SIGINT

  --port N            where clients connect (default: any free port)
  --control-port N    where the HTTP control API listens (default: any free port)
  --seed TEXT         the same keys and ids for the same calls (default: random)
  --snapshot FILE     go on from this state if it is there, and keep it there
  --help

Prints one line of JSON when it is ready: { url, rootPublicKey, mediaCertificate, controlUrl }
`

/** Pure. Throws an error with a message for the user. */
export function parseArguments(args: string[]): CommandArguments {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string' },
      'control-port': { type: 'string' },
      seed: { type: 'string' },
      snapshot: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  return {
    port: portOf('port', values.port),
    controlPort: portOf('control-port', values['control-port']),
    ...(values.seed === undefined ? {} : { seed: values.seed }),
    ...(values.snapshot === undefined ? {} : { snapshotFile: values.snapshot }),
    help: values.help ?? false,
  }
}

function portOf(name: string, text: string | undefined): number {
  if (text === undefined) return 0
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new Error(`--${name} is a number from 0 to 65535`)
}

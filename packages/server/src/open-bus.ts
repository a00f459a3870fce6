import { existsSync, readFileSync } from 'node:fs'
import { type ClusterBus, type Logger, TrunklineError } from '@trunkline/core'
import { createNatsBus, type NatsCredentials } from '@trunkline/nats-bus'
import type { Configuration } from './environment.js'
import { atVariable } from './explain.js'

/** What the environment says of other nodes; `undefined` for a server that is alone. Whoever opens it closes it. */
export function openBus(configuration: Configuration, logger: Logger): ClusterBus | undefined {
  const { NATS_URL, NATS_CREDENTIALS, NATS_PREFIX, NODE_NAME } = configuration
  if (!NATS_URL) return undefined
  const options = {
    servers: NATS_URL,
    prefix: NATS_PREFIX,
    logger,
    ...(NODE_NAME ? { name: NODE_NAME } : {}),
    ...(NATS_CREDENTIALS ? { credentials: credentialsOf(NATS_CREDENTIALS) } : {}),
  }
  try {
    return createNatsBus(options)
  } catch (error) {
    throw atVariable(error, 'NATS_URL')
  }
}

/** A path of a `.creds` file, `user:password`, or a token. */
function credentialsOf(given: string): NatsCredentials {
  if (given.endsWith('.creds') || existsSync(given)) {
    try {
      return { creds: readFileSync(given, 'utf8') }
    } catch (cause) {
      const message = 'names a file that cannot be read'
      const errors = [{ field: 'NATS_CREDENTIALS', message }]
      throw new TrunklineError('CONFIG_INVALID', { message: `NATS_CREDENTIALS ${message}`, cause, details: { errors } })
    }
  }
  const colon = given.indexOf(':')
  return colon < 0 ? { token: given } : { user: given.slice(0, colon), password: given.slice(colon + 1) }
}

import { type FieldError, TrunklineError } from '@trunkline/core'

export interface BridgeLimits {
  /** How many sockets there may be at a time, those included that have not said yet who they are; 20,000 unless given. */
  maxSockets: number
  /** How many of one address; 5,000 unless given. Behind a proxy everybody has the address of the proxy. */
  maxSocketsPerAddress: number
  /** How many sockets one user may have at a time; 100 unless given. */
  maxSocketsPerUser: number
  /** A socket is ended when more than this waits for it; 16 MiB unless given. */
  maxBufferedBytes: number
  /**
   * How often the authenticator is asked again about the sockets that are open, in milliseconds, and more rarely where there are
   * many: 200 in a second. Unless given, 750 ms with Trunkline's own login, which answers from the store, and 5 seconds with a
   * host's.
   */
  recheckIntervalMs: number
}

const OWN_LOGIN_RECHECK_MS = 750

const DEFAULTS: BridgeLimits = {
  maxSockets: 20_000,
  maxSocketsPerAddress: 5_000,
  maxSocketsPerUser: 100,
  maxBufferedBytes: 16 * 1024 * 1024,
  recheckIntervalMs: 5000,
}

const LEAST = {
  maxSockets: 1,
  maxSocketsPerAddress: 1,
  maxSocketsPerUser: 1,
  maxBufferedBytes: 1024 * 1024,
  recheckIntervalMs: 100,
} satisfies BridgeLimits
/** Timers of Node.js run out there: a longer one would fire at once. */
const MOST = 2 ** 31 - 1

/** Hosts without types give anything. @throws CONFIG_INVALID naming what is none */
export function checkAttached(given: { io: unknown; manager: unknown; logger: unknown }): void {
  const { io, manager, logger } = given
  if (!has(io, 'use', 'on'))
    throw invalid([{ field: 'io', message: 'must be a Socket.IO server or a namespace of one' }])
  if (!has(manager, 'onAny', 'store')) throw invalid([{ field: 'manager', message: 'must be a manager of sessions' }])
  if (logger !== undefined && !has(logger, 'debug', 'info', 'warn', 'error'))
    throw invalid([{ field: 'logger', message: 'must have debug, info, warn and error' }])
}

function has(value: unknown, ...members: string[]): boolean {
  return typeof value === 'object' && value !== null && members.every((member) => member in value)
}

function invalid(errors: FieldError[]): TrunklineError {
  const message = errors.map(({ field, message: reason }) => `${field} ${reason}`).join('\n')
  return new TrunklineError('CONFIG_INVALID', { message, details: { errors } })
}

/** @throws CONFIG_INVALID naming each limit that is wrong */
export function checkLimits(given: Partial<BridgeLimits>, { ownLogin }: { ownLogin: boolean }): BridgeLimits {
  const errors: FieldError[] = []
  const limits = { ...DEFAULTS, ...(ownLogin ? { recheckIntervalMs: OWN_LOGIN_RECHECK_MS } : {}) }
  for (const field of Object.keys(DEFAULTS) as (keyof BridgeLimits)[]) {
    const value: unknown = given[field] ?? limits[field]
    if (typeof value === 'number' && Number.isInteger(value) && value >= LEAST[field] && value <= MOST) {
      limits[field] = value
    } else errors.push({ field, message: `must be a whole number from ${LEAST[field]} to ${MOST}` })
  }
  if (errors.length > 0) throw invalid(errors)
  return limits
}

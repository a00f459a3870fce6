import type { Logger } from '../../ports/logger.js'

/** The part of pino that Baileys uses. */
export interface BaileysLogger {
  level: string
  child(fields: Record<string, unknown>): BaileysLogger
  trace(fields: unknown, message?: string): void
  debug(fields: unknown, message?: string): void
  info(fields: unknown, message?: string): void
  warn(fields: unknown, message?: string): void
  error(fields: unknown, message?: string): void
}

/**
 * Baileys logs whole stanzas, handshakes and errors with key material in them. Only its fixed sentences of warnings and
 * errors pass, at debug level: what matters is said by our own code.
 *
 * @param options.traced hears what Baileys says at trace level, and `failed` what it says of errors: some of it is said in no
 *   other way
 */
export function quietLogger(
  logger: Logger,
  { traced = drop, failed = drop }: { traced?: BaileysLogger['trace']; failed?: BaileysLogger['error'] } = {},
): BaileysLogger {
  const pass = (fields: unknown, message?: string) => {
    const sentence = message ?? (typeof fields === 'string' ? fields : undefined)
    if (sentence) logger.debug({ from: 'baileys' }, withoutSecrets(sentence))
  }
  const quiet: BaileysLogger = {
    level: 'silent',
    child: () => quiet,
    trace: traced,
    debug: drop,
    info: drop,
    warn: pass,
    error: (fields, message) => {
      pass(fields, message)
      failed(fields, message)
    },
  }
  return quiet
}

function drop(): void {}

/** Some sentences have a JID or an id inside; what looks like a key is taken out as well. */
function withoutSecrets(sentence: string): string {
  return sentence.replace(/[\w.+/=:@-]*(?:\d{5,}|[\w+/=]{24,})[\w.+/=:@-]*/g, '…').slice(0, 200)
}

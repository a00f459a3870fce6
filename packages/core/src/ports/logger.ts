/**
 * Where the library writes. The shape of pino: a fixed sentence with fields. Keys, tokens, QR texts, pairing codes and
 * message bodies are never passed to it.
 */
export interface Logger {
  trace(fields: object, message: string): void
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  child(fields: Record<string, unknown>): Logger
}

/**
 * Where the library writes. The shape of pino, and `console` has it too: fields, then a fixed sentence. Keys, tokens, QR texts, pairing codes and
 * message bodies are never passed to it.
 */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

import { fstatSync, writeSync } from 'node:fs'
import { isatty } from 'node:tty'

/** What a pipe has not taken yet may grow to this; lines beyond it are dropped. */
const MAX_WAITING_BYTES = 1024 * 1024

/** Takes text, or says that it did not. Neither waits nor throws. */
export type WriteText = (text: string) => boolean

/**
 * Where the log goes. A disk that is full and a pipe that nobody reads cost lines and never stop the process; how many, the next
 * line that is written says.
 */
export class LogDestination {
  readonly #write: WriteText
  readonly #now: () => number
  #dropped = 0

  constructor(write: WriteText, options: { now(): number } = Date) {
    this.#write = write
    this.#now = () => options.now()
  }

  /** Called by pino, a line at a time. */
  write(line: string): void {
    if (this.#dropped > 0) {
      if (!this.#write(`\n${this.#report()}`)) {
        this.#dropped += 1
        return
      }
      this.#dropped = 0
    }
    if (!this.#write(line)) this.#dropped += 1
  }

  #report(): string {
    const msg = 'Lines of the log were dropped: they could not be written'
    return `${JSON.stringify({ level: 40, time: this.#now(), name: 'trunkline', dropped: this.#dropped, msg })}\n`
  }
}

/** Standard output, or what it was sent to. */
export function standardOutput(): LogDestination {
  const { fd } = process.stdout
  return new LogDestination(isFile(fd) ? intoFile(fd) : intoStream(process.stdout))
}

function isFile(fd: number): boolean {
  if (isatty(fd)) return false
  // In numbers of its own: Node.js takes what it was told last about a pipe, in others, for what it asks of the next path, does not follow
  // its links any more, and finds no package where they lead to one (`realpathSync` up to Node.js 24).
  const stats = fstatSync(fd, { bigint: true })
  return !stats.isFIFO() && !stats.isSocket()
}

/** Files are written at once: a line that stands before a crash says why. A full disk is known at once, too. */
export function intoFile(
  fd: number,
  write: (fd: number, text: Buffer, offset: number) => number = writeSync,
): WriteText {
  return (text) => {
    const bytes = Buffer.from(text)
    try {
      for (let offset = 0; offset < bytes.length; ) offset += write(fd, bytes, offset)
      return true
    } catch {
      return false
    }
  }
}

/** Node.js writes to pipes without waiting and keeps what they do not take. */
export function intoStream(
  stream: NodeJS.WriteStream | (NodeJS.WritableStream & { writableLength: number }),
): WriteText {
  let broken = false
  // Whoever read the log is gone; the server is not.
  stream.on('error', () => {
    broken = true
  })
  return (text) => {
    if (broken || stream.writableLength > MAX_WAITING_BYTES) return false
    stream.write(text)
    return true
  }
}

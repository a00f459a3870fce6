import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuthStore, EventName, EventOf, SessionStatus } from '@trunkline/core'
import { type Phone, type Simulator, startSimulator } from '@trunkline/simulator'
import { pino } from 'pino'
import { type RunningServer, startServer } from '../../src/index.js'

const PATIENCE_MS = 30_000

/** A simulated WhatsApp, and a server on it that is started again and again on one folder. */
export class StorageWorld implements AsyncDisposable {
  server: RunningServer | undefined
  /** What the server has logged since it started. */
  readonly #log: string[] = []
  readonly #heard: { name: EventName; event: EventOf<EventName> }[] = []

  readonly simulator: Simulator
  readonly folder: string
  readonly phones: { ana: Phone; carol: Phone }

  private constructor(simulator: Simulator, folder: string, phones: { ana: Phone; carol: Phone }) {
    this.simulator = simulator
    this.folder = folder
    this.phones = phones
  }

  static async start(seed: string): Promise<StorageWorld> {
    const simulator = await startSimulator({ seed })
    const ana = await simulator.createPhone({ number: '15550000001', name: 'Ana' })
    const carol = await simulator.createPhone({ number: '15550000003', name: 'Carol' })
    return new StorageWorld(simulator, await mkdtemp(join(tmpdir(), 'trunkline-storage-')), { ana, carol })
  }

  environment(env: Record<string, string> = {}): Record<string, string> {
    return {
      DATA_DIR: this.folder,
      PORT: '0',
      JWT_SECRET: 'a-secret-of-at-least-thirty-two-bytes!',
      WA_WEB_SOCKET_URL: this.simulator.url,
      WA_CERT_PUBLIC_KEY: this.simulator.rootPublicKey.toString('hex'),
      ...env,
    }
  }

  async serve(env?: Record<string, string>): Promise<RunningServer['manager']> {
    this.#heard.length = this.#log.length = 0
    const write = (line: string) => void this.#log.push(line)
    const server = await startServer(this.environment(env), { logger: pino({ level: 'info' }, { write }) })
    this.server = server
    server.manager.onAny((name, event) => void this.#heard.push({ name, event }))
    return server.manager
  }

  async stop(): Promise<void> {
    await this.server?.close()
    this.server = undefined
  }

  get manager(): RunningServer['manager'] {
    if (!this.server) throw new Error('The server does not run')
    return this.server.manager
  }

  /** Resolves when the server has logged the sentence. */
  async logged(sentence: string): Promise<void> {
    await eventually(
      () => this.#log.some((line) => line.includes(sentence)),
      (found) => found,
    )
  }

  async link(sessionId: string): Promise<void> {
    await this.manager.create({ id: sessionId })
    const { qr } = await this.heard('qr', () => true)
    await this.phones.ana.scanQr(qr)
    await this.status(sessionId, 'connected')
  }

  async status(sessionId: string, status: SessionStatus): Promise<void> {
    const read = async () => {
      const { status: is, statusReason } = await this.manager.get(sessionId)
      return { is, statusReason }
    }
    await eventually(read, ({ is }) => is === status)
  }

  heard<Name extends EventName>(name: Name, fits: (event: EventOf<Name>) => boolean): Promise<EventOf<Name>> {
    const find = () => this.#heard.find((one) => one.name === name && fits(one.event as unknown as EventOf<Name>))
    return eventually(find, (found) => found !== undefined).then((found) => found?.event as unknown as EventOf<Name>)
  }

  /** Whether a QR was shown since the server started. */
  get showedQr(): boolean {
    return this.#heard.some(({ name }) => name === 'qr')
  }

  /** A message in each direction, read on the other side; nothing is left that could not be decrypted. */
  async talk(sessionId: string, text: string): Promise<void> {
    const { ana, carol } = this.phones
    const { id } = await carol.sendText(ana.number, `${text}, Ana?`)
    await this.heard('message', ({ message }) => message.id === id && message.text === `${text}, Ana?`)
    await this.manager.send(sessionId, { to: carol.number, text: `${text}, Carol!` })
    await carol.waitForMessage(`${text}, Carol!`)
  }

  /** Every file under the folder, or below one of it, by its path. */
  async files(below = ''): Promise<Map<string, Buffer>> {
    const root = join(this.folder, below)
    const entries = await readdir(root, { recursive: true, withFileTypes: true })
    const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(path)] as const)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await this.simulator.close()
    await rm(this.folder, { recursive: true, force: true })
  }
}

/** Private keys of a session, as bytes: of the credentials, of its pre-keys, of its conversations. */
export async function privateKeysOf(auth: AuthStore, sessionId: string): Promise<Buffer[]> {
  const found: Buffer[] = []
  const collect = (value: unknown, name = ''): void => {
    if (typeof value === 'string' && /priv|secret/i.test(name) && value.length > 40)
      found.push(Buffer.from(value, 'base64'))
    if (typeof value !== 'object' || value === null) return
    const { type, data } = value as { type?: unknown; data?: unknown }
    if (type === 'Buffer' && typeof data === 'string') {
      if (/priv|secret/i.test(name)) found.push(Buffer.from(data, 'base64'))
      return
    }
    for (const [key, inner] of Object.entries(value)) collect(inner, key)
  }
  // Two bytes say how the rest is to be read: as JSON, or as a key pair.
  const json = (stored: Uint8Array): unknown => JSON.parse(Buffer.from(stored).toString('utf8', 2))
  collect(json((await auth.readCreds(sessionId)) ?? new Uint8Array()))
  const preKeys = await auth.readKeys(sessionId, 'pre-key', await auth.listKeyIds(sessionId, 'pre-key'))
  for (const stored of preKeys.values()) found.push(Buffer.from(stored).subarray(2, 34))
  // Ratchets are in records of bytes: every part of one is a trace.
  const sessions = await auth.readKeys(sessionId, 'session', await auth.listKeyIds(sessionId, 'session'))
  for (const stored of sessions.values())
    for (let start = 2; start + 32 <= stored.length; start += 32)
      found.push(Buffer.from(stored).subarray(start, start + 32))
  return found
}

/** Where one of the keys stands: as bytes, in hexadecimal or in base64. */
export function placesOf(keys: readonly Buffer[], contents: ReadonlyMap<string, Buffer>): string[] {
  const traces = keys.flatMap((key) => [
    key,
    Buffer.from(key.toString('hex')),
    // The last characters depend on what follows in the same text.
    Buffer.from(key.toString('base64').slice(0, 40)),
  ])
  return [...contents].filter(([, content]) => traces.some((trace) => content.includes(trace))).map(([path]) => path)
}

export async function eventually<Value>(
  read: () => Value | Promise<Value>,
  fits: (value: Value) => boolean,
): Promise<Value> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const value = await read()
    if (fits(value)) return value
    if (Date.now() > deadline) throw new Error(`Never came to be; the last value was ${JSON.stringify(value)}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

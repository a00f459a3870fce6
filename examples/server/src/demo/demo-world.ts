import { readFile, rename, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type RunningServer, startServer } from '@trunkline/server'
import { type Phone, type Simulator, type SimulatorSnapshot, startSimulator } from '@trunkline/simulator'
import { type Logger, pino } from 'pino'
import { demoDatabase } from './demo-database.js'
import { type DemoSecrets, demoSecrets } from './demo-secrets.js'

/** Two phones whose accounts can be linked, and a customer who has only a phone. */
const PEOPLE = { ana: '15550000001', ben: '15550000002', carol: '15550000003' } as const
export type Person = keyof typeof PEOPLE

const SAVE_EVERY_MS = 2_000
const PREFERRED_PORT = 5000

export interface DemoWorld {
  simulator: Simulator
  server: RunningServer
  secrets: DemoSecrets
  phones: Record<Person, Phone>
  close(): Promise<void>
}

/**
 * The simulated WhatsApp and the reference server on it, with everything they keep under one folder, or in a MongoDB what the
 * server keeps: started again there, sessions come back without a scan.
 */
export async function startDemoWorld(
  folder: string,
  options: { port?: number; logLevel: string; mongoUri?: string | undefined },
): Promise<DemoWorld> {
  const secrets = await demoSecrets(folder)
  const snapshotFile = join(folder, 'whatsapp.json')
  const snapshot = await readSnapshot(snapshotFile)
  const simulator = await startSimulator(snapshot ? { snapshot } : {})
  const phones = {
    ana: await phoneOf(simulator, 'ana'),
    ben: await phoneOf(simulator, 'ben'),
    carol: await phoneOf(simulator, 'carol'),
  }
  const logger: Logger = pino({ name: 'trunkline', level: options.logLevel })
  const port = options.port ?? (await freePort(PREFERRED_PORT))
  const server = await startServer(
    {
      DATA_DIR: folder,
      ...(options.mongoUri ? { STORE: 'mongo', MONGODB_URI: demoDatabase(options.mongoUri) } : { STORE: 'sqlite' }),
      PORT: String(port),
      JWT_SECRET: secrets.jwtSecret,
      ADMIN_EMAIL: secrets.adminEmail,
      ADMIN_PASSWORD: secrets.adminPassword,
      WA_WEB_SOCKET_URL: simulator.url,
      WA_CERT_PUBLIC_KEY: simulator.rootPublicKey.toString('hex'),
      WA_MEDIA_CERT: simulator.mediaCertificate.replaceAll('\n', '\\n'),
    },
    { logger },
  )
  const save = async () => {
    const text = JSON.stringify(simulator.snapshot())
    await writeFile(`${snapshotFile}.new`, text, { mode: 0o600 })
    await rename(`${snapshotFile}.new`, snapshotFile)
  }
  let saving: Promise<void> = Promise.resolve()
  const timer = setInterval(() => {
    saving = saving
      .then(save)
      .catch((error: unknown) => logger.warn({ err: error }, 'The simulator could not be saved'))
  }, SAVE_EVERY_MS)
  return {
    simulator,
    server,
    secrets,
    phones,
    async close() {
      clearInterval(timer)
      await server.close()
      await saving
      await save()
      await simulator.close()
    },
  }
}

async function phoneOf(simulator: Simulator, person: Person): Promise<Phone> {
  const number = PEOPLE[person]
  const name = `${person.charAt(0).toUpperCase()}${person.slice(1)}`
  return simulator.phones.find((phone) => phone.number === number) ?? simulator.createPhone({ number, name })
}

async function readSnapshot(path: string): Promise<SimulatorSnapshot | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as SimulatorSnapshot)
}

/** The preferred port, or any free one when somebody has it. */
export function freePort(preferred: number): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(0))
    probe.listen(preferred, '127.0.0.1', () => probe.close(() => resolve(preferred)))
  })
}

import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface DemoSecrets {
  jwtSecret: string
  adminEmail: string
  adminPassword: string
}

/** The secrets of the demo: made once, kept for this user only, the same at the next start. */
export async function demoSecrets(folder: string): Promise<DemoSecrets> {
  const path = join(folder, 'demo.json')
  try {
    return JSON.parse(await readFile(path, 'utf8')) as DemoSecrets
  } catch {
    const secrets: DemoSecrets = {
      jwtSecret: randomBytes(32).toString('hex'),
      adminEmail: 'admin@example.com',
      adminPassword: randomBytes(9).toString('base64url'),
    }
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeFile(path, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 })
    return secrets
  }
}

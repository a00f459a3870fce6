import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { seed } from '../src/index.js'

let folder: string
let warnings: string[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trunkline-admins-'))
  warnings = []
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function seedWith(admin: Record<string, string>): Promise<void> {
  warnings = []
  const logger = pino({ level: 'warn' }, { write: (line) => void warnings.push(JSON.parse(line).msg) })
  await seed({ JWT_SECRET: 'a-secret-of-at-least-thirty-two-bytes!', DATA_DIR: folder, ...admin }, { logger })
}

const admin = (ADMIN_EMAIL: string) => ({ ADMIN_EMAIL, ADMIN_PASSWORD: 'correct horse battery' })

describe('the admin of the environment', () => {
  it('is alone at first, and that is said of nobody', async () => {
    await seedWith(admin('ada@example.org'))
    await seedWith(admin('ada@example.org'))
    expect(warnings).toEqual([])
  })

  it('takes the place of the one that was named before: that one is disabled, and the log says so', async () => {
    await seedWith(admin('ada@example.org'))
    await seedWith(admin('ben@example.org'))
    expect(warnings).toEqual([expect.stringContaining('named before is disabled')])
    await seedWith(admin('ben@example.org'))
    expect(warnings).toEqual([])
    await seedWith(admin('ada@example.org'))
    expect(warnings).toEqual([expect.stringContaining('named before is disabled')])
  })

  it('stays when the variables go, and the log says who can sign in', async () => {
    await seedWith({})
    expect(warnings).toEqual([expect.stringContaining('nobody can sign in as an admin')])
    await seedWith(admin('ada@example.org'))
    await seedWith({})
    expect(warnings).toEqual([expect.stringContaining('the admins of before still can sign in')])
  })
})

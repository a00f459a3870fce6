import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { CACHE } from './bundle.js'

const source = fileURLToPath(new URL('../../whatsmeow', import.meta.url))
const run = promisify(execFile)

/** Whether there is what makes the program of the whatsmeow side. */
export async function canBuildWhatsmeow(): Promise<boolean> {
  const found = await Promise.allSettled([run('go', ['version']), run('cc', ['--version'])])
  return found.every(({ status }) => status === 'fulfilled')
}

/** The program of the whatsmeow side, made anew from its source; Go fetches what it stands on when it is not there yet. */
export async function buildWhatsmeow(): Promise<string> {
  await mkdir(CACHE, { recursive: true })
  const program = join(CACHE, 'whatsmeow-side')
  console.error('Building the side of whatsmeow')
  await run('go', ['build', '-o', program, '.'], { cwd: source, env: { ...process.env, CGO_ENABLED: '1' } })
  return program
}

// The examples of hosts, each as a process of its own in the project with the packed tarballs (see packed.test.ts).
import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'

const project = process.env.PACKED_PROJECT
if (!project) console.warn('The examples of hosts are skipped: PACKED_PROJECT is not set (.ci/run sets it).')

const hosts = fileURLToPath(new URL('../examples/hosts/', import.meta.url))
const examples = readdirSync(hosts).filter((name) => name.endsWith('.mjs'))
const JWT_SECRET = 'a-secret-of-at-least-thirty-two-bytes!'
let child: ChildProcess | undefined
let copy: string | undefined

afterEach(() => {
  child?.kill('SIGKILL')
  if (copy) rmSync(copy, { force: true })
})

/** Runs an example, with `express` taken from another package where one is named, and answers where it listens. */
async function run(name: string, expressFrom = 'express'): Promise<string> {
  const source = readFileSync(join(hosts, name), 'utf8').replace("from 'express'", `from '${expressFrom}'`)
  copy = join(project as string, `${expressFrom}-${name}`)
  writeFileSync(copy, source)
  const env = { PATH: process.env.PATH, NODE_OPTIONS: process.env.NODE_OPTIONS, JWT_SECRET, PORT: '0' }
  const started = spawn(process.execPath, [copy], { cwd: project, env, stdio: ['ignore', 'pipe', 'inherit'] })
  child = started
  for await (const line of createInterface({ input: started.stdout })) {
    const [, port] = /^port (\d+)$/.exec(line) ?? []
    if (port) return `http://127.0.0.1:${port}`
  }
  throw new Error(`${name} ended before it listened`)
}

describe.skipIf(!project)('an example of a host', () => {
  it.each([...examples.map((name) => [name, 'express']), ['express.mjs', 'express-4']])(
    '%s (%s) serves its own page and the whole interface, and ends on SIGTERM',
    async (name, expressFrom) => {
      const url = await run(name as string, expressFrom)
      expect(await (await fetch(`${url}/`)).json()).toEqual({ app: 'mine' })
      expect(await (await fetch(`${url}/api/version`)).json()).toMatchObject({ name: 'trunkline' })
      const unknown = await fetch(`${url}/api/no/such/route`)
      expect(unknown.headers.get('content-type')).toBe('application/problem+json')
      expect(await unknown.json()).toMatchObject({ code: 'ROUTE_NOT_FOUND' })
      const login = await fetch(`${url}/api/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: 'nobody@example.org', password: 'wrong horse' }),
      })
      expect(await login.json()).toMatchObject({ code: 'INVALID_CREDENTIALS' })
      const bad = await fetch(`${url}/api/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: 7 }),
      })
      expect(await bad.json()).toMatchObject({ code: 'VALIDATION_FAILED' })

      const ended = new Promise((resolve) => child?.once('exit', (code, signal) => resolve(code ?? signal)))
      child?.kill('SIGTERM')
      // Nest sends itself the signal again when it is done.
      expect([0, 'SIGTERM']).toContain(await ended)
    },
  )
})

describe.skipIf(!project)('npx @trunkline/server in an empty folder', () => {
  it('says what it needs, and runs with it', async () => {
    const bin = join(project as string, 'node_modules', '.bin', 'trunkline')
    const base = { PATH: process.env.PATH, NODE_OPTIONS: process.env.NODE_OPTIONS, PORT: '0', STORE: 'memory' }
    const bare = spawn(bin, { cwd: project, env: base, stdio: ['ignore', 'ignore', 'pipe'] })
    child = bare
    let said = ''
    for await (const chunk of bare.stderr) said += chunk
    expect(said).toContain('JWT_SECRET is needed')

    const server = spawn(bin, { cwd: project, env: { ...base, JWT_SECRET }, stdio: ['ignore', 'pipe', 'inherit'] })
    child = server
    for await (const line of createInterface({ input: server.stdout })) {
      const [, url] = /"url":"(http:[^"]+)"/.exec(line) ?? []
      if (!url) continue
      expect((await fetch(`${url}/readyz`)).status).toBe(200)
      break
    }
    const ended = new Promise((resolve) => server.once('exit', resolve))
    server.kill('SIGTERM')
    expect(await ended).toBe(0)
  })
})

// The snippets of the README, run as they stand there, except that they talk to the simulator.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type StanzaMatch, startSimulator } from '@trunkline/simulator'
import { afterEach, beforeEach, expect, it } from 'vitest'

const here = fileURLToPath(new URL('.', import.meta.url))
let folder: string

beforeEach(() => {
  // Inside the package, so that its dependencies are found.
  folder = mkdtempSync(join(here, '.snippet-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

function snippet(name: string): string {
  const readme = readFileSync(join(here, '..', 'README.md'), 'utf8')
  const found = new RegExp(`<!-- snippet: ${name} -->\\n\`\`\`ts\\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1]
  if (!found) throw new Error(`README.md has no snippet ${name}`)
  return found
}

/** Runs code; `onOutput` sees all of its output whenever there is more, and the answer is given when it returns something. */
function run<Result>(code: string, onOutput: (output: string) => Promise<Result | undefined>): Promise<Result> {
  const file = join(folder, 'snippet.ts')
  writeFileSync(file, code)
  const env = { ...process.env, JWT_SECRET: 'a secret of this test that is long enough' }
  const child = spawn(process.execPath, ['--conditions=dev-source', '--import', 'tsx', file], { env })
  let output = ''
  return new Promise<Result>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
        onOutput(output).then((result) => result !== undefined && resolve(result), reject)
      })
    }
    child.once('exit', (code) => reject(new Error(`ended with ${code}:\n${output}`)))
  }).finally(() => child.kill('SIGKILL'))
}

type Stanza = Parameters<NonNullable<StanzaMatch['where']>>[0]

/** Not between the devices of the account. */
const isNoPeer = ({ attrs }: Stanza) => attrs.category !== 'peer'

/** As a status, and as a post in a channel, which is not encrypted. */
function forEverybody(author: string): ((stanza: Stanza) => Stanza)[] {
  const content = Buffer.from('\n\u0004post')
  return [
    ({ attrs, ...stanza }) => ({ ...stanza, attrs: { ...attrs, from: 'status@broadcast', participant: author } }),
    ({ attrs, ...stanza }) => ({
      ...stanza,
      attrs: { ...attrs, from: '120363000000000009@newsletter' },
      content: [{ tag: 'plaintext', attrs: {}, content }],
    }),
  ]
}

it('the library snippet links an account and answers people, no status and no channel', async () => {
  const simulator = await startSimulator()
  const phone = await simulator.createPhone({ number: '15550000001', name: 'Ana' })
  const customer = await simulator.createPhone({ number: '15550000002', name: 'Carol' })
  const options = `webSocketUrl: '${simulator.url}', certPublicKey: '${simulator.rootPublicKey.toString('hex')}'`
  const code = snippet('library').replace('createMemoryStore() }', `createMemoryStore(), ${options} }`)
  expect(code).toContain(simulator.url)
  const companion = { number: phone.number, device: 1, tag: 'message', where: isNoPeer }
  const recipients: (string | undefined)[] = []
  const noted = (stanza: Stanza) => isNoPeer(stanza) && recipients.push(stanza.attrs.to) < 0
  simulator.faults.on({ ...companion, direction: 'in', where: noted }, { do: 'drop' })
  let scanned = false
  const answer = await run(code, async (output) => {
    const qr = /scan this for shop: (\S+)/.exec(output)?.[1]
    if (!qr || scanned) return undefined
    scanned = true
    await phone.scanQr(qr)
    while (!simulator.connections.some(({ state }) => state === 'live'))
      await new Promise((resolve) => setTimeout(resolve, 20))
    for (const change of forEverybody(customer.jid)) {
      simulator.faults.on({ ...companion, direction: 'out' }, { do: 'replace', with: change }, { times: 1 })
      await customer.sendText(phone.number, 'to everybody')
    }
    await customer.sendText(phone.number, 'Hello')
    return (await customer.waitForMessage(({ fromMe }) => !fromMe)).text
  })
  expect(answer).toBe('You said: Hello')
  expect([...new Set(recipients)]).toEqual([customer.lid])
  await simulator.close()
})

it('the host snippet serves the API of an app that is there already', async () => {
  const code = `${snippet('host').replace('http.listen(5000,', 'http.listen(0,')}
http.once('listening', () => console.log('port', (http.address() as { port: number }).port))`
  const [sessions, socket] = await run(code, async (output) => {
    const port = /port (\d+)/.exec(output)?.[1]
    if (!port) return undefined
    const paths = ['/api/sessions', '/socket.io/?EIO=4&transport=polling']
    return Promise.all(paths.map(async (path) => (await fetch(`http://127.0.0.1:${port}${path}`)).status))
  })
  expect([sessions, socket]).toEqual([401, 200])
})

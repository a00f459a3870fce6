// The code of the documents, type-checked as somebody would who installs the packages and copies it: strict, the types of every
// dependency checked too, `nodenext`.
import { execFile } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const packages = readdirSync(join(root, 'packages'))

const documents = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  ...packages.map((name) => `packages/${name}/README.md`),
]

/** Blocks that stand for themselves say what they import; the others go on from one. */
function snippetsOf(document: string): string[] {
  const blocks = [...readFileSync(join(root, document), 'utf8').matchAll(/^( *)```ts\n([\s\S]*?)^\1```$/gm)]
  return blocks.map(([, , code]) => code as string).filter((code) => /^ *import .* from /m.test(code))
}

/** What documents say in words. */
const SAID = `
import { MultiSessionManager } from '@trunkline/core'
export const manager = new MultiSessionManager({ logger: console })
`

const snippets = documents.flatMap((document) =>
  snippetsOf(document).map((code, index) => ({
    name: `${document}, block ${index + 1}`,
    file: `${document.replace(/\W+/g, '-')}-${index + 1}.ts`,
    code,
  })),
)

/** What a reader is told to have besides the packages, and where the workspace has it. */
const INSTALLED = {
  express: 'packages/server',
  '@types/express': 'packages/server',
  '@types/node': '.',
  'socket.io': 'packages/socketio-bridge',
  'socket.io-client': 'packages/socketio-bridge',
  '@whiskeysockets/baileys': 'packages/signal',
  vitest: '.',
}

let project: string
let output: string

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'trunkline-newcomer-'))
  for (const name of packages) link(`@trunkline/${name}`, join(root, 'packages', name))
  for (const [name, holder] of Object.entries(INSTALLED)) link(name, join(root, holder, 'node_modules', name))
  for (const { file, code } of snippets) writeFileSync(join(project, file), code)
  // What the reader of the conformance suite brings along.
  writeFileSync(
    join(project, 'my-store.ts'),
    "import type { Store } from '@trunkline/core'\nexport declare function createMyStore(options: object): Store\n",
  )
  writeFileSync(join(project, 'said.ts'), SAID)
  writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module', private: true }))
  const compilerOptions = {
    strict: true,
    skipLibCheck: false,
    target: 'ES2023',
    lib: ['ES2023', 'ESNext.Disposable'],
    module: 'nodenext',
    noEmit: true,
    types: ['node'],
    // From source, as all tests; what is published has the same declarations, made from it.
    customConditions: ['dev-source'],
    resolveJsonModule: true,
  }
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const run = promisify(execFile)(process.execPath, [tsc, '--pretty', 'false', '-p', project], { cwd: project })
  output = (await run.catch((error: { stdout: string }) => error)).stdout
}, 240_000)

afterAll(() => rmSync(project, { recursive: true, force: true }))

function link(name: string, target: string): void {
  if (!existsSync(target)) throw new Error(`${name} is not installed at ${target}`)
  const path = join(project, 'node_modules', name)
  mkdirSync(dirname(path), { recursive: true })
  symlinkSync(target, path)
}

it.each(snippets)('$name compiles', ({ file }) => {
  expect(output.split('\n').filter((line) => line.startsWith(`${file}(`))).toEqual([])
})

it('nothing of ours is wrong either', () => {
  // Baileys and what it brings have faults of their own, which the published declarations do not lead to.
  const ours = output.split('\n').filter((line) => line !== '' && !line.includes('/node_modules/.pnpm/'))
  expect(ours).toEqual([])
})

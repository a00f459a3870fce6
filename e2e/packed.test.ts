// The packed tarballs, installed by plain npm into a project outside the workspace (scripts/packed-project.mjs makes it and
// .ci/run names it in PACKED_PROJECT). What is published is not what the other tests run: they run from source.
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const project = process.env.PACKED_PROJECT
if (!project) console.warn('The tests of the packed tarballs are skipped: PACKED_PROJECT is not set (.ci/run sets it).')

const root = fileURLToPath(new URL('..', import.meta.url))
const names = readdirSync(join(root, 'packages')).map((folder) => `@trunkline/${folder}`)

/** What `import * as` and `require` of a package give, by a process of its own in the project. */
async function exportsOf(name: string, how: 'import' | 'require'): Promise<string[]> {
  const code =
    how === 'import'
      ? `const all = await import('${name}'); console.log(JSON.stringify(Object.keys(all)))`
      : `console.log(JSON.stringify(Object.keys(require('${name}'))))`
  const args = [`--input-type=${how === 'import' ? 'module' : 'commonjs'}`, '-e', code]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: project })
  return (JSON.parse(stdout) as string[]).filter((key) => key !== 'default' && key !== 'module.exports').sort()
}

/** The conditions under which a package's main entry can be loaded. */
function conditionsOf(name: string): string[] {
  const manifest = JSON.parse(readFileSync(join(project as string, 'node_modules', name, 'package.json'), 'utf8'))
  return Object.keys(manifest.exports['.'])
}

/** The names that code blocks of the documents import from a package. */
function documented(name: string): string[] {
  const documents = [
    'README.md',
    ...readdirSync(join(root, 'packages')).map((folder) => `packages/${folder}/README.md`),
  ]
  const blocks = documents.flatMap((path) => {
    const text = readFileSync(join(root, path), 'utf8')
    return [...text.matchAll(/```(?:ts|js|typescript|javascript)\n([\s\S]*?)```/g)].map(([, block]) => block as string)
  })
  const imports = blocks.flatMap((block) => [...block.matchAll(/^import \{([^}]+)\} from '([^']+)'/gm)])
  const imported = imports.filter(([, , from]) => from === name).flatMap(([, list]) => (list as string).split(','))
  const values = imported.map((item) => item.trim()).filter((item) => item !== '' && !item.startsWith('type '))
  return [...new Set(values.map((item) => item.split(/\s+as\s+/)[0] as string))]
}

describe.skipIf(!project)('the packed tarballs', () => {
  it.each(names)('%s can be imported, and has what the documents import from it', async (name) => {
    const exported = await exportsOf(name, 'import')
    expect(exported).not.toEqual([])
    expect(exported).toEqual(expect.arrayContaining(documented(name)))
  })

  it.each(names)('%s gives the same names to require', async (name) => {
    // An ESM-only package says so by having no such condition.
    if (!conditionsOf(name).includes('require')) return
    expect(await exportsOf(name, 'require')).toEqual(await exportsOf(name, 'import'))
  })

  it('hold no tests, and no source map that points outside', () => {
    for (const name of names) {
      const files = readdirSync(join(project as string, 'node_modules', name), { recursive: true, encoding: 'utf8' })
      expect(files.filter((file) => /\.test\.|(^|\/)test\//.test(file) && !file.startsWith('node_modules'))).toEqual([])
    }
  })

  it('run as an ESM and a CJS copy in one process, each with a manager of its own', async () => {
    const script = fileURLToPath(new URL('./two-copies.mjs', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, [script, project as string], { cwd: project })
    expect(JSON.parse(stdout)).toEqual({
      first: 'from CJS',
      second: 'from ESM',
      // What the README says: errors of another copy are told by `TrunklineError.is`.
      known: { instanceOf: false, is: true },
      conflict: 'CERT_ROOT_CONFLICT',
      tookTurns: true,
    })
  })
})

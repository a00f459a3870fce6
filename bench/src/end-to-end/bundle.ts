import { mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const bench = fileURLToPath(new URL('../..', import.meta.url))

/** Where what a run makes or fetches is kept; git ignores it. */
export const CACHE = join(bench, 'node_modules', '.cache', 'trunkline-bench')

/**
 * Makes one plain JavaScript file of a child and of the Trunkline packages in it, from their sources as they are now. Run
 * through a TypeScript loader they would be slower than what is published: it keeps the names of functions at run time, and
 * has stack traces translated, of which Baileys makes many.
 */
export async function bundleChild(
  source:
    | 'end-to-end/side-child'
    | 'end-to-end/simulator-child'
    | 'messages/messages-child'
    | 'scale/scale-child'
    | 'stores/run',
) {
  await mkdir(CACHE, { recursive: true })
  const outfile = join(CACHE, `${basename(source)}.mjs`)
  await build({
    entryPoints: [join(bench, 'src', `${source}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['dev-source'],
    // Both sides must use the same copies of these, from the same place.
    external: [
      '@whiskeysockets/baileys',
      'whatsapp-rust-bridge',
      'pino',
      'mongodb',
      'libsql',
      'better-sqlite3',
      'sharp',
    ],
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
    logLevel: 'error',
  })
  return outfile
}

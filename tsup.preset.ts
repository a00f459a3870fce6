import { mkdirSync, writeFileSync } from 'node:fs'
import type { Options } from 'tsup'

/** What every published package is built to: ESM and CJS with their types, from src/index.ts plus the entries given. */
export function library(extra: Options = {}): Options {
  return {
    entry: ['src/index.ts'],
    format: ['esm', 'cjs'],
    target: 'node20',
    platform: 'node',
    // tsup 8 hands rollup-plugin-dts a baseUrl, which TypeScript 6 calls deprecated.
    dts: { compilerOptions: { ignoreDeprecations: '6.0', customConditions: [] } },
    sourcemap: true,
    clean: true,
    // Left to the plugin, which decides after tsup.
    noExternal: [importOnly],
    esbuildPlugins: [requireByWayOfEsm()],
    ...extra,
  }
}

/** Its `exports` know `import` alone: a bare `require` of it fails on every version of Node.js. */
const importOnly = 'whatsapp-rust-bridge'

/**
 * The CJS build requires a one-line ES module that lies beside it and imports the real one. `require` of an ES module works
 * from Node.js 20.19, and the WASM stays one instance, the one that Baileys uses.
 */
function requireByWayOfEsm(): NonNullable<Options['esbuildPlugins']>[number] {
  return {
    name: 'require-by-way-of-esm',
    setup(build) {
      const cjs = build.initialOptions.format === 'cjs'
      build.onResolve({ filter: new RegExp(`^${importOnly}$`) }, () => {
        if (!cjs) return { path: importOnly, external: true }
        mkdirSync('dist', { recursive: true })
        writeFileSync(`dist/${importOnly}.js`, `export * from '${importOnly}'\n`)
        return { path: `./${importOnly}.js`, external: true }
      })
    },
  }
}

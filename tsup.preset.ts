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
    ...extra,
  }
}

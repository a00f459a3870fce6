import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, it } from 'vitest'
import { tableInlined } from '../table-plugin.js'

it('runs in browsers: nothing of Node.js, no zod, and little of anything', async () => {
  const { outputFiles } = await build({
    stdin: { contents: "export { createClient } from './src/index.ts'", resolveDir: `${import.meta.dirname}/..` },
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    write: false,
    plugins: [tableInlined()],
  })
  const code = outputFiles[0]?.contents ?? new Uint8Array()
  const text = new TextDecoder().decode(code)
  expect(text.match(/.{20}(?:node:|require\(|_zod|from"socket)/g) ?? []).toEqual([])
  expect(text).toContain('/sessions/:sessionId/messages')
  // The README says so.
  expect(gzipSync(code).length).toBeLessThan(8_000)
})

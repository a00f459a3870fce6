import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { build } from 'vite'

/** Builds the page to `dist` and answers that folder. */
export async function buildPage(): Promise<string> {
  const outDir = fileURLToPath(new URL('../dist', import.meta.url))
  await build({
    configFile: false,
    root: fileURLToPath(new URL('./page', import.meta.url)),
    logLevel: 'warn',
    plugins: [react()],
    // Inside of this repository the parts are taken from their sources; in yours, leave this out.
    resolve: { conditions: ['dev-source', 'module', 'browser', 'production'] },
    build: { outDir, emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 2_000 },
  })
  return outDir
}

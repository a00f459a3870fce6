import { pathToFileURL } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

/**
 * The client reads its table of routes from the contract, and with it zod. In its place stands what it comes to, as data, as in the
 * client's own build.
 */
function tableAsData(): Plugin {
  return {
    name: 'table-as-data',
    async load(id) {
      if (!/[\\/]client[\\/]src[\\/]contract-table\.ts$/.test(id)) return undefined
      const exported: Record<string, unknown> = await import(pathToFileURL(id).href)
      const lines = Object.entries(exported).map(([name, value]) => `export const ${name} = ${JSON.stringify(value)}`)
      return { code: lines.join('\n'), moduleType: 'js', map: null }
    },
  }
}

export default defineConfig({
  root: 'src/page',
  // Addresses are relative to the <base> that the handler writes: the page works below any mount.
  base: './',
  plugins: [react(), tableAsData()],
  resolve: { conditions: ['dev-source', 'module', 'browser', 'production'] },
  build: {
    outDir: '../../dist/page',
    emptyOutDir: true,
    target: 'es2022',
    // Every file by its own address: the page's policy knows no data: scripts or fonts.
    assetsInlineLimit: 0,
    license: { fileName: 'licenses.md' },
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
})

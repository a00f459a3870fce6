import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const folder = fileURLToPath(new URL('../evidence', import.meta.url))
const scripts = readdirSync(folder).filter((file) => file !== 'evidence.ts')

function exitCodeOf(script: string, side: string): Promise<{ code: number; output: string }> {
  const args = ['--conditions=dev-source', '--import', 'tsx', `${folder}/${script}`, side]
  return new Promise((resolve) => {
    execFile(process.execPath, args, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout || stderr })
    })
  })
}

describe.each(scripts)('the evidence of %s', (script) => {
  it('fails on stock Baileys and passes here', async () => {
    const [stock, ours] = await Promise.all([exitCodeOf(script, 'stock'), exitCodeOf(script, 'ours')])
    expect(stock.output).toMatch(/^stock: /)
    expect(stock.code).toBe(1)
    expect(ours.output).toMatch(/^ours: /)
    expect(ours.code).toBe(0)
  }, 240_000)
})

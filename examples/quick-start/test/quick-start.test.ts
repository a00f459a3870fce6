import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

it('links, echoes to a customer of the simulator, and ends on SIGINT', async () => {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
  const child = spawn(process.execPath, ['--conditions=dev-source', '--import', 'tsx', main, '--simulated'])
  let output = ''
  const read = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
        if (output.includes('The customer reads')) resolve()
      })
    }
  })
  await Promise.race([read, once(child, 'exit')])
  expect(output).toContain('The customer reads: You said: Hello')
  child.kill('SIGINT')
  expect(await once(child, 'exit')).toEqual([0, null])
})

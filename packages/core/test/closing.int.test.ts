import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { Live } from './support/live.js'

const script = fileURLToPath(new URL('./support/closing-child.ts', import.meta.url))

/** Baileys leaves a timer of 30 s behind; a busy machine may need some seconds to end a process. */
const PATIENCE_MS = 10_000

it('a process ends by itself once its manager is closed, also right after a link', async () => {
  await using live = await Live.start('closing')
  const ana = await live.phone('15550000001', 'Ana')
  const { url, rootPublicKey } = live.simulator
  const child = spawn(
    process.execPath,
    ['--conditions=dev-source', '--import', 'tsx', script, url, Buffer.from(rootPublicKey).toString('hex')],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  )
  try {
    const told = (wanted: string) =>
      new Promise<string>((resolve) => {
        child.on('message', (message: Record<string, string>) => {
          const value = message[wanted]
          if (value) resolve(value)
        })
      })
    const connected = told('status')
    const closed = told('closed')
    await ana.scanQr(await told('qr'))
    await connected
    await live.simulator.idle()
    const exited = once(child, 'exit')
    child.send('close')
    await closed
    const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, 'still there'))
    expect(await Promise.race([exited, late])).toEqual([0, null])
  } finally {
    child.kill('SIGKILL')
  }
})

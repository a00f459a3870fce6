import { spawn } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { captureNode, loopbackOnly } from './run.mjs'

const runModule = new URL('run.mjs', import.meta.url).href

/** A process that runs `node -e code` by runNode and ends with its exit code. */
function wrapper(code) {
  const script = `import { runNode } from '${runModule}'; process.exit(await runNode(['-e', ${JSON.stringify(code)}]))`
  return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
}

const exitOf = (child) => new Promise((resolve) => child.once('exit', resolve))

describe('runNode', () => {
  it('ends with the exit code of its child', async () => {
    expect(await exitOf(wrapper('process.exitCode = 7'))).toBe(7)
  })

  it.each(/** @type {const} */ (['SIGTERM', 'SIGINT']))(
    'hands %s on and waits for the child to end in its own way',
    async (signal) => {
      const child = wrapper(
        `process.once('${signal}', () => { console.log('bye'); process.exit(3) }); console.log('ready'); setInterval(() => {}, 1000)`,
      )
      let printed = ''
      child.stdout.setEncoding('utf8').on('data', (text) => {
        printed += text
        if (text.includes('ready')) child.kill(signal)
      })
      expect(await exitOf(child)).toBe(3)
      expect(printed).toBe('ready\nbye\n')
    },
  )
})

describe('captureNode', () => {
  it('resolves with the exit code and everything printed', async () => {
    const { code, output } = await captureNode(['-e', "console.log('out'); console.error('err'); process.exitCode = 2"])
    expect(code).toBe(2)
    expect(output.split('\n').sort()).toEqual(['', 'err', 'out'])
  })
})

describe('loopbackOnly', () => {
  it('adds the preload to the options that are there, once', () => {
    const once = loopbackOnly({ NODE_OPTIONS: '--max-old-space-size=512' })
    expect(once.NODE_OPTIONS).toMatch(/^--max-old-space-size=512 --import file:.*loopback-only\.mjs$/)
    expect(loopbackOnly(once)).toEqual(once)
  })
})

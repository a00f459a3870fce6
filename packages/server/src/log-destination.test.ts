import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { intoFile, intoStream, LogDestination } from './log-destination.js'

describe('the destination of the log', () => {
  it('drops lines while they cannot be written, and says afterwards how many', () => {
    const written: string[] = []
    let works = true
    const destination = new LogDestination(
      (text) => {
        if (works) written.push(text)
        return works
      },
      { now: () => 7 },
    )
    const logger = pino({ base: null, timestamp: false }, destination)
    logger.info('first')
    works = false
    logger.info('second')
    logger.info('third')
    works = true
    logger.info('fourth')
    const lines = written.join('').split('\n').filter(Boolean)
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { level: 30, msg: 'first' },
      { level: 40, time: 7, name: 'trunkline', dropped: 2, msg: expect.stringContaining('dropped') },
      { level: 30, msg: 'fourth' },
    ])
  })
})

describe('a file', () => {
  it('that has no room costs the line', () => {
    const full = openSync('/dev/full', 'w')
    try {
      expect(intoFile(full)('a line\n')).toBe(false)
    } finally {
      closeSync(full)
    }
  })

  it.each(['ENOSPC', 'EIO', 'EDQUOT', 'EROFS', 'EBADF', 'EAGAIN'])('that answers %s costs the line', (code) => {
    const fail = () => {
      throw Object.assign(new Error(code), { code })
    }
    expect(intoFile(1, fail)('a line\n')).toBe(false)
  })

  it('that takes a part at a time gets the rest too', () => {
    const parts: string[] = []
    const write = (_fd: number, bytes: Buffer, offset: number) => {
      parts.push(bytes.toString('utf8', offset, offset + 4))
      return Math.min(4, bytes.length - offset)
    }
    expect(intoFile(1, write)('a longer line\n')).toBe(true)
    expect(parts.join('')).toBe('a longer line\n')
  })
})

describe('a pipe', () => {
  it('that nobody reads keeps a bounded amount', () => {
    const pipe = new Writable({ write() {} })
    const write = intoStream(pipe)
    const line = 'x'.repeat(100_000)
    const taken = Array.from({ length: 100 }, () => write(line)).filter(Boolean).length
    expect(taken).toBeLessThan(20)
    expect(write(line)).toBe(false)
  })

  it('whose reader is gone costs lines, not the process', async () => {
    const pipe = new PassThrough()
    const write = intoStream(pipe)
    pipe.destroy(Object.assign(new Error('EPIPE'), { code: 'EPIPE' }))
    await new Promise((resolve) => pipe.once('close', resolve))
    expect(write('a line\n')).toBe(false)
  })
})

describe('a log that goes into a pipe', () => {
  it('has packages found that are links, as those of pnpm and of workspaces are', () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'trunkline-log-')))
    const [app, linked] = [join(folder, 'app'), join(folder, 'linked')]
    mkdirSync(join(app, 'node_modules'), { recursive: true })
    mkdirSync(linked)
    symlinkSync(linked, join(app, 'node_modules', 'linked'))
    for (const file of [join(app, 'first.cjs'), join(linked, 'index.js')])
      writeFileSync(file, 'module.exports = __filename')
    const script = `
      import { createRequire } from 'node:module'
      import { standardOutput } from ${JSON.stringify(new URL('log-destination.ts', import.meta.url).href)}
      const require = createRequire(${JSON.stringify(join(app, 'main.cjs'))})
      require('./first.cjs')
      const destination = standardOutput()
      destination.write(require('linked'))
    `
    try {
      const said = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script])
      expect(String(said)).toBe(join(linked, 'index.js'))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isLeftOver, makeStagingFolder, sweepStagingFolders, toStagingError } from './staging-folders.js'

const DAY = 86_400_000
const NOW = 100 * DAY

describe('a folder of a file on its way out', () => {
  it.each([
    ['of a process that is gone', { pid: 2 }, true],
    ['of another process that lives', { pid: 3 }, false],
    ['of this process', { pid: 1, madeAtMs: NOW - 1_000 }, false],
    ['of an earlier process with the number of this one', { pid: 1, madeAtMs: NOW - 20_000 }, true],
    ['of another host', { host: 'b', pid: 2 }, false],
    ['of another host, a day ago', { host: 'b', pid: 2, madeAtMs: NOW - DAY - 1 }, true],
    ['of a process that lives, a day ago', { pid: 3, madeAtMs: NOW - DAY - 1 }, true],
  ])('%s is left over: %o → %s', (_, folder, left) => {
    const owner = { host: 'a', pid: 1, startedAtMs: NOW - 10_000, nowMs: NOW, isAlive: (pid: number) => pid === 3 }
    expect(isLeftOver({ host: 'a', madeAtMs: NOW - 20_000, ...folder }, owner)).toBe(left)
  })
})

describe('a folder for temporary files', () => {
  it.each([
    ['ENOSPC', 'STORE_FULL', 'has no room'],
    ['EDQUOT', 'STORE_FULL', 'has no room'],
    ['EROFS', 'STORE_UNAVAILABLE', 'cannot be used'],
  ])('of which the system says %s is %s, with its path', (code, ours, words) => {
    const said = Object.assign(new Error(`${code}: said the system`), { code, syscall: 'write' })
    const error = toStagingError(said)
    expect([error.code, error.cause]).toEqual([ours, said])
    expect(error.message).toBe(`${tmpdir()}, where files wait on their way out, ${words}: ${said.message}`)
  })

  it('that is not there is named', async () => {
    const before = process.env.TMPDIR
    process.env.TMPDIR = join(tmpdir(), 'nowhere')
    try {
      await expect(makeStagingFolder()).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
        message: expect.stringMatching(/nowhere.*ENOENT/),
      })
    } finally {
      if (before === undefined) delete process.env.TMPDIR
      else process.env.TMPDIR = before
    }
  })
})

describe('the folders of a process that was killed', () => {
  const before = process.env.TMPDIR
  let temporary: string

  beforeEach(async () => {
    temporary = await mkdtemp(join(tmpdir(), 'sweep-'))
    process.env.TMPDIR = temporary
  })
  afterEach(async () => {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
    await rm(temporary, { recursive: true })
  })

  it('are removed, and those of this one and of others are not', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    await once(child, 'spawn')
    const host = hostname()
      .toLowerCase()
      .replace(/[^a-z0-9]/g, '')
      .slice(0, 40)
    mkdtempSync(join(temporary, `trunkline-file-${host}-${child.pid}-`))
    const own = await makeStagingFolder()
    mkdtempSync(join(temporary, 'somebody-else-1-'))
    await sweepStagingFolders()
    expect(readdirSync(temporary)).toHaveLength(3)
    child.kill('SIGKILL')
    await once(child, 'exit')
    await sweepStagingFolders()
    const left = readdirSync(temporary)
    expect(left).toHaveLength(2)
    expect(left.map((name) => join(temporary, name))).toContain(own)
  })
})

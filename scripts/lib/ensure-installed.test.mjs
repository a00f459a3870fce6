import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { lockFileHash, nodeVersionComplaint } from './ensure-installed.mjs'

const scripts = fileURLToPath(new URL('..', import.meta.url))

describe('nodeVersionComplaint', () => {
  it.each(['20.19.0', '20.20.2', '21.0.0', '22.1.0', '24.0.0'])('has nothing against %s', (version) => {
    expect(nodeVersionComplaint(version)).toBeUndefined()
  })

  it.each(['14.21.3', '18.20.8', '20.18.9'])('names the version that is needed and the %s that is there', (version) => {
    expect(nodeVersionComplaint(version)).toMatch(`needs Node.js 20.19 or newer, and this is ${version}`)
  })
})

describe('lockFileHash', () => {
  it('costs next to nothing, as every command asks for it', () => {
    const started = performance.now()
    expect(lockFileHash()).toMatch(/^[0-9a-f]{64}$/)
    expect(performance.now() - started).toBeLessThan(100)
  })
})

describe('every command', () => {
  it('is plain JavaScript without dependencies', () => {
    const sources = readdirSync(scripts, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.mjs') && !name.endsWith('.test.mjs'))
      .map((name) => readFileSync(join(scripts, name), 'utf8'))
    const imported = sources.flatMap((source) => [...source.matchAll(/ from '([^']+)'/g)].map(([, name]) => name))
    const foreign = imported.filter((name) => !/^(?:node:|\.)/.test(name))
    expect(foreign).toEqual([])
  })
})

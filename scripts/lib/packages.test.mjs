import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { inBuildOrder, isStale, listPackages, withDependencies } from './packages.mjs'

const manifest = (name, { dependencies = [], devDependencies = [] }) => ({
  name,
  dependencies: Object.fromEntries(dependencies.map((other) => [other, '^0.1.0'])),
  devDependencies: Object.fromEntries(devDependencies.map((other) => [other, '^0.1.0'])),
})
const order = (...manifests) => inBuildOrder(manifests).map(({ name }) => name)

describe('inBuildOrder', () => {
  it('puts a package after its dependencies', () => {
    expect(
      order(
        manifest('server', { dependencies: ['api', 'zod'] }),
        manifest('api', { dependencies: ['core'] }),
        manifest('core', {}),
      ),
    ).toEqual(['core', 'api', 'server'])
  })

  it('puts a package after a development dependency whose types it may inline', () => {
    expect(order(manifest('contract', { devDependencies: ['core'] }), manifest('core', {}))).toEqual([
      'core',
      'contract',
    ])
  })

  it('does not wait for a development dependency that needs the package itself', () => {
    expect(
      order(
        manifest('conformance', { dependencies: ['core'] }),
        manifest('core', { devDependencies: ['conformance', 'simulator'] }),
        manifest('simulator', {}),
      ),
    ).toEqual(['simulator', 'core', 'conformance'])
  })
})

describe('the packages of this workspace', () => {
  it('come each after what it is built after', () => {
    const packages = listPackages()
    const names = packages.map(({ name }) => name)
    expect(names).toContain('@trunkline/core')
    for (const { name, after } of packages) {
      for (const other of after)
        expect(names.indexOf(other), `${other} before ${name}`).toBeLessThan(names.indexOf(name))
    }
  })

  it('need for the server neither simulator nor conformance', () => {
    const names = withDependencies(listPackages(), '@trunkline/server').map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['@trunkline/core', '@trunkline/api', '@trunkline/server']))
    expect(names).not.toContain('@trunkline/simulator')
    expect(names).not.toContain('@trunkline/conformance')
  })
})

describe('isStale', () => {
  const folders = []
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
  })

  function packageFolder({ sourceAt, builtAt = undefined }) {
    const folder = mkdtempSync(join(tmpdir(), 'trunkline-stale-'))
    folders.push(folder)
    mkdirSync(join(folder, 'src', 'deep'), { recursive: true })
    const files = { 'package.json': 0, 'tsup.config.ts': 0, 'src/deep/file.ts': sourceAt }
    if (builtAt !== undefined) {
      mkdirSync(join(folder, 'dist'))
      Object.assign(files, { 'dist/index.js': builtAt })
    }
    for (const [name, seconds] of Object.entries(files)) {
      writeFileSync(join(folder, name), '')
      utimesSync(join(folder, name), seconds, seconds)
    }
    return folder
  }

  const later = 4_000_000_000

  it('is true for a package that was never built', () => {
    expect(isStale({ folder: packageFolder({ sourceAt: 1 }) })).toBe(true)
  })

  it('is true once a source is newer than the build', () => {
    expect(isStale({ folder: packageFolder({ sourceAt: later + 1, builtAt: later }) })).toBe(true)
  })

  it('is false while the build is newer than every source', () => {
    expect(isStale({ folder: packageFolder({ sourceAt: later - 1, builtAt: later }) })).toBe(false)
  })
})

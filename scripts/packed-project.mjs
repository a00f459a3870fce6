// A project outside the workspace with the packed tarballs installed by plain npm, for e2e/packed.test.ts. Prints its
// folder. Needs the registry, so that it is a step of its own before the tests.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureInstalled, runInstaller } from './lib/ensure-installed.mjs'
import { packAll } from './lib/pack.mjs'

ensureInstalled()
const folder = mkdtempSync(join(tmpdir(), 'trunkline-packed-'))
const tarballs = packAll()
/** What the examples of hosts run in; Express 5 comes with the server. */
const hosts = [
  'express-4@npm:express@4.21.2',
  'fastify@5.12.8',
  'hono@4.13.19',
  '@hono/node-server@2.1.8',
  '@nestjs/common@11.2.10',
  '@nestjs/core@11.2.10',
  '@nestjs/platform-express@11.2.10',
  'reflect-metadata',
  'rxjs',
]
writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'packed', private: true }))
// Peer dependencies come along by themselves. Nothing that Trunkline needs runs an install script.
runInstaller(
  'npm',
  ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', ...tarballs, ...hosts],
  {
    cwd: folder,
  },
)
process.stdout.write(`${folder}\n`)

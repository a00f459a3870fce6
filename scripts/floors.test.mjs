import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cruiseFloors } from './lib/cruise.mjs'
import { root } from './lib/ensure-installed.mjs'

// A workspace in miniature: each file breaks one rule by one import.
const planted = [
  // between packages
  ['packages-core', 'core/src/session/session.ts', '@trunkline/simulator'],
  ['packages-core-composition', 'core/src/multi-session-manager.ts', '@trunkline/api'],
  ['packages-signal', 'signal/src/repository.ts', '@trunkline/core'],
  ['packages-simulator', 'simulator/src/server.ts', '@trunkline/core'],
  ['packages-conformance', 'conformance/src/auth-store.ts', '@trunkline/mongo-store'],
  ['packages-mongo-store', 'mongo-store/src/store.ts', '@trunkline/api'],
  ['packages-sqlite-store', 'sqlite-store/src/store.ts', '@trunkline/mongo-store'],
  ['packages-nats-bus', 'nats-bus/src/nats-bus.ts', '@trunkline/mongo-store'],
  ['packages-api', 'api/src/handlers.ts', '@trunkline/express-adapter'],
  ['packages-express-adapter', 'express-adapter/src/mount.ts', '@trunkline/socketio-bridge'],
  ['packages-socketio-bridge', 'socketio-bridge/src/attach.ts', '@trunkline/express-adapter'],
  ['packages-client', 'client/src/manager.ts', '@trunkline/core'],
  ['packages-dashboard', 'dashboard/src/page/server.ts', '@trunkline/contract'],
  ['client-one-table', 'client/src/schemas.ts', '@trunkline/contract'],
  ['packages-contract', 'contract/src/api.ts', '@trunkline/api'],
  ['contract-core-types', 'contract/src/value.ts', '@trunkline/core'],
  ['contract-zod-only', 'contract/src/browser.ts', 'node:fs'],
  ['workshop-stays-out', 'server/src/start.ts', '@trunkline/simulator'],
  ['through-the-front-door', 'api/src/back-door.ts', '../../core/src/session/record.js'],
  // inside core
  ['core-types', 'core/src/types/session.ts', '../ports/store.js'],
  ['core-errors', 'core/src/errors/trunkline-error.ts', '../util/deferred.js'],
  ['core-util', 'core/src/util/backoff.ts', '../errors/codes.js'],
  ['core-ports', 'core/src/ports/connector.ts', '../session/record.js'],
  ['core-pacing', 'core/src/pacing/policy.ts', '../session/record.js'],
  ['core-session', 'core/src/session/inbox.ts', '../manager/registry.js'],
  ['core-session', 'core/src/session/pairing.ts', '../baileys/connector.js'],
  ['core-session', 'core/src/session/outbox.ts', '../memory/store.js'],
  ['core-manager', 'core/src/manager/options.ts', '../memory/store.js'],
  ['core-manager', 'core/src/manager/router.ts', '../areas/chats.js'],
  ['core-webhooks', 'core/src/webhooks/endpoint.ts', '../sealed/key-ring.js'],
  ['core-readers', 'core/src/readers/log-reader.ts', '../memory/store.js'],
  ['core-cluster', 'core/src/cluster/command-desk.ts', '../memory/store.js'],
  ['core-areas', 'core/src/areas/messages.ts', '../memory/store.js'],
  ['core-baileys', 'core/src/baileys/auth-state.ts', '../memory/store.js'],
  ['core-media', 'core/src/media/staging.ts', '../baileys/connector.js'],
  ['core-memory', 'core/src/memory/event-log.ts', '../baileys/connector.js'],
  ['core-files', 'core/src/files/auth-store.ts', '../sealed/seal.js'],
  ['core-sealed', 'core/src/sealed/key-ring.ts', '../files/folder.js'],
  ['core-records', 'core/src/records/cursor.ts', '../ports/store.js'],
  ['composition-is-the-top', 'core/src/session/top.ts', '../index.js'],
  ['composition-is-the-top', 'core/src/manager/composed.ts', '../compose/compose-services.js'],
  ['every-core-folder-has-a-floor', 'core/src/helpers/helper.ts', '../types/jid.js'],
  ['every-package-has-a-floor', 'shared/src/index.ts', '@trunkline/core'],
  // inside the simulator
  ['simulator-util', 'simulator/src/util/clock.ts', '../wire/node.js'],
  ['simulator-crypto', 'simulator/src/crypto/curve.ts', '../model/world.js'],
  ['simulator-wire', 'simulator/src/wire/frame-reader.ts', '../server/connection.js'],
  ['simulator-model', 'simulator/src/model/account.ts', '../phone/mailbox.js'],
  ['simulator-snapshot', 'simulator/src/snapshot/codec.ts', '../server/connection.js'],
  ['simulator-rules', 'simulator/src/rules/fault-rules.ts', '../server/connection.js'],
  ['simulator-server', 'simulator/src/server/gateway.ts', '../handlers/dispatch.js'],
  ['simulator-server', 'simulator/src/server/linking/pairing.ts', '../../phone/mailbox.js'],
  ['simulator-handlers', 'simulator/src/handlers/keys.ts', '../phone/mailbox.js'],
  ['simulator-phone', 'simulator/src/phone/inbox.ts', '../handlers/dispatch.js'],
  ['simulator-faults', 'simulator/src/faults/faults.ts', '../handlers/dispatch.js'],
  ['simulator-control', 'simulator/src/control/client.ts', '../start-simulator.js'],
  ['simulator-command', 'simulator/src/command/arguments.ts', '../start-simulator.js'],
  ['simulator-face', 'simulator/src/simulator.ts', './control/door.js'],
  ['every-simulator-folder-has-a-floor', 'simulator/src/helpers/helper.ts', '../wire/node.js'],
  // one technology, one folder
  ['technology-baileys', 'core/src/manager/direct.ts', '@whiskeysockets/baileys'],
  ['technology-mongodb', 'core/src/memory/mongo.ts', 'mongodb'],
  ['technology-nats', 'core/src/memory/nats.ts', '@nats-io/transport-node'],
  ['technology-sqlite', 'server/src/database.ts', 'libsql'],
  ['technology-express', 'api/src/express.ts', 'express'],
  ['technology-socketio', 'express-adapter/src/live.ts', 'socket.io'],
  ['technology-socketio-client', 'socketio-bridge/src/client.ts', 'socket.io-client'],
  ['technology-websocket', 'core/src/baileys/websocket.ts', 'ws'],
  ['technology-zod', 'core/src/types/schema.ts', 'zod'],
  ['technology-zod', 'simulator/src/server/schema.ts', 'zod'],
  ['technology-jwt', 'server/src/token.ts', 'jose'],
  ['technology-argon2', 'server/src/hash.ts', '@node-rs/argon2'],
  ['technology-vitest', 'simulator/src/expect.ts', 'vitest'],
  // everywhere
  ['no-cycles', 'simulator/src/one.ts', './other.js'],
  ['no-cycles-of-types', 'simulator/src/meaning.ts', './other-meaning.js'],
  ['no-tests-in-sources', 'simulator/src/uses-test.ts', './some.test.js'],
  ['no-unresolvable', 'simulator/src/lost.ts', './nowhere.js'],
  ['no-dev-dependencies-in-sources', 'signal/src/property.ts', 'fast-check'],
]

// What the rules have to let through.
const allowed = [
  ['core/src/session/machine.ts', '../types/jid.js'],
  ['core/src/manager/session-registry.ts', '../session/record.js'],
  ['core/src/baileys/connector.ts', '@whiskeysockets/baileys'],
  ['core/src/memory/users.ts', '../session/record.js'],
  ['core/src/memory/cursors.ts', '../records/cursor.js'],
  ['core/src/compose/services.ts', '../memory/store.js'],
  ['core/src/compose/signal.ts', '@trunkline/signal'],
  ['core/src/session/machine.test.ts', '../memory/store.js'],
  ['core/test/wire.int.test.ts', '@trunkline/simulator'],
  ['simulator/src/start-simulator.ts', './control/door.js'],
  ['simulator/src/control/phone-operations.ts', '../simulator.js'],
  ['simulator/src/phone/outbox.ts', '../server/connection.js'],
  ['simulator/src/control/fields.ts', 'zod'],
  ['mongo-store/src/auth-store.ts', '@trunkline/core'],
  ['express-adapter/src/router.ts', '@trunkline/api'],
  ['server/src/compose.ts', '@trunkline/express-adapter'],
  ['client/src/contract-table.ts', '@trunkline/contract'],
]

// Files that others point to.
const present = {
  'core/src/index.ts': '',
  'core/src/areas/chats.ts': '',
  'core/src/compose/compose-services.ts': '',
  'core/src/session/record.ts': '',
  'core/src/manager/registry.ts': '',
  'core/src/memory/store.ts': '',
  'core/src/ports/store.ts': '',
  'core/src/records/cursor.ts': '',
  'core/src/types/jid.ts': '',
  'core/src/util/deferred.ts': '',
  'core/src/errors/codes.ts': '',
  'core/src/sealed/seal.ts': '',
  'core/src/files/folder.ts': '',
  'contract/src/index.ts': "import type {} from '@trunkline/core'\nimport 'zod'\n",
  'signal/src/index.ts': '',
  'simulator/src/index.ts': '',
  'simulator/src/other.ts': "import './one.js'\n",
  'simulator/src/some.test.ts': '',
  'simulator/src/other-meaning.ts': "import type {} from './meaning.js'\n",
  'simulator/src/control/door.ts': '',
  'simulator/src/handlers/dispatch.ts': '',
  'simulator/src/model/world.ts': '',
  'simulator/src/phone/mailbox.ts': '',
  'simulator/src/server/connection.ts': '',
  'simulator/src/wire/node.ts': '',
  'api/src/index.ts': '',
  'mongo-store/src/index.ts': '',
  'express-adapter/src/index.ts': '',
  'socketio-bridge/src/index.ts': '',
  'client/src/index.ts': '',
}

const names = [...new Set([...planted.map((row) => row[1]), ...Object.keys(present)].map((path) => path.split('/')[0]))]

let folder
let result

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'trunkline-floors-'))
  cpSync(join(root, 'tsconfig.base.json'), join(folder, 'tsconfig.base.json'))
  for (const name of names) {
    write(`${name}/package.json`, JSON.stringify(manifest(name)))
    mkdirSync(join(folder, 'node_modules', '@trunkline'), { recursive: true })
    symlinkSync(join(folder, 'packages', name), join(folder, 'node_modules', '@trunkline', name))
  }
  mkdirSync(join(folder, 'node_modules', 'fast-check'))
  writeFileSync(
    join(folder, 'node_modules', 'fast-check', 'package.json'),
    '{ "name": "fast-check", "main": "main.js" }',
  )
  writeFileSync(join(folder, 'node_modules', 'fast-check', 'main.js'), '')
  for (const [path, content] of Object.entries(present)) write(path, `${content}export {}\n`)
  for (const [path, target] of allowed) write(path, `import '${target}'\n`)
  for (const [, path, target] of planted) write(path, `import '${target}'\n`)
  result = cruiseFloors(folder)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function write(path, content) {
  const target = join(folder, 'packages', path)
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, content)
}

function manifest(name) {
  return {
    name: `@trunkline/${name}`,
    type: 'module',
    exports: { '.': { 'dev-source': './src/index.ts', import: './dist/index.js' } },
    devDependencies: { 'fast-check': '*' },
  }
}

describe('the floor check', () => {
  it.each(planted)('%s fails for packages/%s importing %s', (rule, path) => {
    const broken = result.violations
      .filter(({ from }) => from === `packages/${path}`)
      .map((violation) => violation.rule)
    expect(broken).toContain(rule)
  })

  it.each(allowed)('lets packages/%s import %s', (path) => {
    const broken = result.violations
      .filter(({ from }) => from === `packages/${path}`)
      .map((violation) => violation.rule)
    // Nothing is installed in the miniature workspace.
    expect(broken.filter((rule) => !['no-unresolvable', 'no-dev-dependencies-in-sources'].includes(rule))).toEqual([])
  })

  it('has a planted violation for each of its rules', () => {
    const { forbidden } = createRequire(import.meta.url)('../.dependency-cruiser.cjs')
    expect([...new Set(planted.map(([rule]) => rule))].sort()).toEqual(forbidden.map(({ name }) => name).sort())
  })

  it('has looked at every file', () => {
    expect(result.modules).toBeGreaterThanOrEqual(planted.length + allowed.length + Object.keys(present).length - 5)
  })
})

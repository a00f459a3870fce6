// The floors of docs/architecture.md as rules: who may import whom. Run by scripts/floors.mjs, tested by
// scripts/floors.test.mjs with a planted violation for each of them.

const { existsSync, readFileSync, readdirSync } = require('node:fs')

// Tests, benchmarks, end-to-end tests and examples may look everywhere.
const tests = String.raw`\.test\.ts$|^packages/[^/]+/(test|test-d)/`
const source = (name, below = '') => `^packages/${name}/src/${below}`
const anyOf = (...names) => `(?:${names.join('|')})`

/** An npm package, resolved or not. */
const npm = (...names) => `(?:^|/node_modules/)${anyOf(...names)}(?:/|$)`

/** The composition level of core: it may import every floor, and nothing below it imports it. */
const composition = source('core', String.raw`(?:(?:compose|accounts)/)?[^/]+\.ts$`)

/** Files of packages that others may import: what their exports point to. */
const entries = readdirSync('packages')
  .filter((name) => existsSync(`packages/${name}/package.json`))
  .flatMap((name) => {
    const { exports = {} } = JSON.parse(readFileSync(`packages/${name}/package.json`, 'utf8'))
    const files = Object.values(exports).flatMap((target) => target['dev-source'] ?? [])
    return files.map((file) => `^packages/${name}/${file.slice(2).replaceAll('.', String.raw`\.`)}$`)
  })

/** A package's sources may import these packages of the workspace, and no other. */
const mayImport = {
  core: [],
  signal: [],
  contract: [],
  simulator: [],
  conformance: ['core'],
  'mongo-store': ['core'],
  'sqlite-store': ['core'],
  'nats-bus': ['core'],
  api: ['contract', 'core'],
  'express-adapter': ['api', 'contract', 'core'],
  'socketio-bridge': ['api', 'contract', 'core'],
  client: ['contract'],
  dashboard: ['client'],
}

const betweenPackages = Object.entries(mayImport).map(([name, allowed]) => ({
  name: `packages-${name}`,
  comment: `${name} imports ${allowed.length > 0 ? `only ${allowed.join(', ')}` : 'nothing'} of the workspace`,
  severity: 'error',
  from: {
    path: source(name),
    // The composition of core has a rule of its own below.
    pathNot: [tests, ...(name === 'core' ? [composition] : [])],
  },
  to: {
    path: `^packages/|${npm('@trunkline')}`,
    pathNot: [name, ...allowed].flatMap((other) => [`^packages/${other}/`, npm(`@trunkline/${other}`)]),
    // The types of core are inlined into contract when it is built; see `contract-core-types`.
    ...(name === 'contract' ? { dependencyTypesNot: ['type-only'] } : {}),
  },
}))

/** A folder of core may import these folders of core, besides itself. */
const floor0 = ['types', 'errors', 'util', 'records']
const floor1 = ['ports', ...floor0]
const floor2 = ['session', 'pacing', 'manager', ...floor1]
const folders = {
  types: ['errors'],
  errors: ['types'],
  util: [],
  records: ['types', 'errors', 'util'],
  ports: floor0,
  pacing: floor1,
  session: ['pacing', ...floor1],
  manager: ['session', 'pacing', ...floor1],
  areas: ['manager', ...floor1],
  cluster: ['manager', 'session', ...floor1],
  readers: ['manager', ...floor1],
  webhooks: ['readers', 'manager', ...floor1],
  baileys: floor2,
  media: floor2,
  memory: floor2,
  files: floor2,
  sealed: floor2,
}

const insideCore = Object.entries(folders).map(([folder, allowed]) => ({
  name: `core-${folder}`,
  comment: `core/src/${folder} imports only ${[folder, ...allowed].join(', ')}`,
  severity: 'error',
  from: { path: source('core', `${folder}/`), pathNot: tests },
  to: { path: source('core'), pathNot: source('core', `${anyOf(folder, ...allowed)}/`) },
}))

/** A folder of the simulator may import these folders of it, besides itself. */
const bytes = ['wire', 'crypto', 'util']
const world = ['model', ...bytes]
const overServer = ['server', 'rules', ...world]
const simulatorFolders = {
  util: [],
  crypto: ['util'],
  wire: ['crypto', 'util'],
  model: bytes,
  snapshot: world,
  rules: bytes,
  server: ['rules', ...world],
  handlers: overServer,
  phone: overServer,
  faults: overServer,
  control: ['phone', 'faults', 'snapshot', ...overServer],
  command: ['snapshot', 'util'],
}
/** The library's face, which control and command drive. */
const simulatorFace = source('simulator', String.raw`simulator\.ts$`)

const insideSimulator = Object.entries(simulatorFolders).map(([folder, allowed]) => ({
  name: `simulator-${folder}`,
  comment: `simulator/src/${folder} imports only ${[folder, ...allowed].join(', ')}`,
  severity: 'error',
  from: { path: source('simulator', `${folder}/`), pathNot: tests },
  to: {
    path: source('simulator'),
    pathNot: [
      source('simulator', `${anyOf(folder, ...allowed)}/`),
      ...(['control', 'command'].includes(folder) ? [simulatorFace] : []),
    ],
  },
}))

/** One technology, one folder. */
const technologies = [
  {
    name: 'baileys',
    packages: ['@whiskeysockets/baileys', 'libsignal', 'whatsapp-rust-bridge'],
    home: [source('core', 'baileys/'), source('signal'), source('simulator')],
  },
  { name: 'mongodb', packages: ['mongodb'], home: [source('mongo-store')] },
  { name: 'nats', packages: ['@nats-io/transport-node'], home: [source('nats-bus')] },
  { name: 'sqlite', packages: ['libsql', 'better-sqlite3'], home: [source('sqlite-store')] },
  { name: 'express', packages: ['express'], home: [source('express-adapter'), source('server')] },
  { name: 'socketio', packages: [String.raw`socket\.io`], home: [source('socketio-bridge'), source('server')] },
  { name: 'socketio-client', packages: [String.raw`socket\.io-client`], home: [source('dashboard', 'page/')] },
  { name: 'websocket', packages: ['ws'], home: [source('simulator')] },
  {
    name: 'zod',
    packages: ['zod'],
    home: [source('contract'), source('api'), source('server'), source('simulator', 'control/')],
  },
  { name: 'jwt', packages: ['jose'], home: [source('api')] },
  { name: 'argon2', packages: ['@node-rs/argon2'], home: [source('api')] },
  { name: 'vitest', packages: ['vitest'], home: [source('conformance')] },
].map(({ name, packages, home }) => ({
  name: `technology-${name}`,
  comment: `${packages.join(', ')} has its home in ${home.join(', ')}`,
  severity: 'error',
  from: { path: '^packages/[^/]+/src/', pathNot: [tests, ...home] },
  to: { path: npm(...packages) },
}))

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...betweenPackages,
    ...insideCore,
    ...insideSimulator,
    ...technologies,
    {
      name: 'packages-core-composition',
      comment: "core's composition hands the factory of signal to its connector, and knows no other package",
      severity: 'error',
      from: { path: composition, pathNot: tests },
      to: {
        path: `^packages/|${npm('@trunkline')}`,
        pathNot: ['core', 'signal'].flatMap((other) => [`^packages/${other}/`, npm(`@trunkline/${other}`)]),
      },
    },
    {
      name: 'every-package-has-a-floor',
      comment: 'a new package is entered in mayImport above',
      severity: 'error',
      from: { path: `^packages/(?!${anyOf('server', ...Object.keys(mayImport))}/)[^/]+/src/` },
      to: {},
    },
    {
      name: 'every-core-folder-has-a-floor',
      comment: 'a new folder of core is entered in folders above',
      severity: 'error',
      from: { path: source('core', `(?!${anyOf('compose', 'accounts', ...Object.keys(folders))}/)[^/]+/`) },
      to: {},
    },
    {
      name: 'every-simulator-folder-has-a-floor',
      comment: 'a new folder of the simulator is entered in simulatorFolders above',
      severity: 'error',
      from: { path: source('simulator', `(?!${anyOf(...Object.keys(simulatorFolders))}/)[^/]+/`) },
      to: {},
    },
    {
      name: 'simulator-face',
      comment: 'the library knows no door of its own: start-simulator puts server, handlers and control together',
      severity: 'error',
      from: { path: simulatorFace },
      to: { path: source('simulator', String.raw`(?:(?:control|command|handlers)/|[^/]+\.ts$)`) },
    },
    {
      name: 'contract-core-types',
      comment: 'contract runs in browsers: of core it takes types alone',
      severity: 'error',
      from: { path: source('contract'), pathNot: tests },
      to: { path: `^packages/core/|${npm('@trunkline/core')}`, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'contract-zod-only',
      comment: 'contract depends on zod only',
      severity: 'error',
      from: { path: source('contract'), pathNot: tests },
      to: {
        pathNot: ['^packages/contract/', '^packages/core/', npm('@trunkline/core'), npm('zod')],
      },
    },
    {
      name: 'client-one-table',
      comment: 'client runs without zod: its build puts data in the place of the one file that reads the contract',
      severity: 'error',
      from: { path: source('client'), pathNot: [tests, source('client', String.raw`contract-table\.ts$`)] },
      to: { path: `^packages/contract/|${npm('@trunkline/contract')}`, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'workshop-stays-out',
      comment: 'simulator and conformance serve tests, demos and benchmarks',
      severity: 'error',
      from: {
        path: '^packages/[^/]+/src/',
        pathNot: [tests, source('(?:simulator|conformance)')],
      },
      to: { path: `^packages/(?:simulator|conformance)/|${npm('@trunkline/(?:simulator|conformance)')}` },
    },
    {
      name: 'through-the-front-door',
      comment: 'packages see of each other what their exports name',
      severity: 'error',
      from: { path: '^packages/([^/]+)/', pathNot: tests },
      to: { path: '^packages/', pathNot: ['^packages/$1/', ...entries] },
    },
    {
      name: 'composition-is-the-top',
      comment: 'nothing inside core imports the composition above it',
      severity: 'error',
      from: { path: source('core', '[^/]+/'), pathNot: [tests, composition] },
      to: { path: composition },
    },
    {
      name: 'no-cycles',
      comment: 'files that run before each other; type-only imports do not run',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-cycles-of-types',
      comment: 'files that need each other to be understood, where there are none yet',
      severity: 'error',
      from: { path: source('simulator') },
      to: { circular: true },
    },
    {
      name: 'no-tests-in-sources',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: tests },
      to: { path: tests },
    },
    {
      name: 'no-dev-dependencies-in-sources',
      comment: 'what a published file imports at run time has to be among its dependencies',
      severity: 'error',
      // The page is built with all that it needs in it.
      from: { path: '^packages/[^/]+/src/', pathNot: [tests, source('dashboard', '(?:page|react)/')] },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only', 'npm-peer'] },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/' },
      to: { couldNotResolve: true, dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['dev-source', 'import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  },
}

// npm test: all tests, with a MongoDB where one is to be had. Arguments go to vitest: `npm test -- --project core`.
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensureInstalled, root } from './lib/ensure-installed.mjs'
import { ensurePage } from './lib/page.mjs'
import { runNode } from './lib/run.mjs'
import { closingLine } from './lib/test-report.mjs'
import { startTestMongo } from './test-mongo.mjs'

ensureInstalled()
// Before the tests, which run beside each other and would all build it. Those that need it say so when there is none.
await ensurePage()
const report = join(root, 'node_modules', '.cache', 'trunkline', `tests-${process.pid}.json`)
mkdirSync(join(report, '..'), { recursive: true })

const mongo = await startTestMongo().catch((error) => {
  process.stderr.write(`No MongoDB to test against: ${error.message}\n`)
  return undefined
})
process.stdout.write(
  mongo
    ? `MongoDB to test against: ${mongo.kind}\n`
    : 'The MongoDB suites are skipped: there is no MONGODB_URI, no mongod, and no Java 17 with Maven here.\n',
)
try {
  const code = await runNode(
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...process.argv.slice(2),
    ],
    { env: { ...process.env, ...environmentOf(mongo) } },
  )
  const { line, ok } = closingLine(JSON.parse(readFileSync(report, 'utf8')))
  process.stdout.write(`\n${line}\n`)
  process.exitCode = code === 0 && !ok ? 1 : code
} finally {
  rmSync(report, { force: true })
  await mongo?.stop()
}

function environmentOf(server) {
  if (!server) return {}
  const { uri, kind, replicaSetUri } = server
  return {
    TEST_MONGODB_URI: uri,
    TEST_MONGODB_KIND: kind,
    ...(replicaSetUri ? { TEST_MONGODB_REPLICA_SET_URI: replicaSetUri } : {}),
  }
}

// npm run crash: the application killed at every call to its store, on SQLite, files and MongoDB, and the database stopped for
// a whole minute. Arguments go to vitest: `npm run crash -- -t sqlite`.
import { runNode } from './lib/run.mjs'

const env = { ...process.env, CRASH: 'all' }
process.exitCode = await runNode(['scripts/test.mjs', '--project', 'e2e', 'crash', ...process.argv.slice(2)], { env })

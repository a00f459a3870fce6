// npm run crash: the application killed at every call to its store, on SQLite, files and MongoDB, and the database halted for
// a whole minute. Arguments go to vitest: `npm run crash -- -t SQLite`.
import { runNode } from './lib/run.mjs'

const env = { ...process.env, CRASH: 'all' }
process.exitCode = await runNode(['scripts/test.mjs', '--project', 'e2e', 'crash', ...process.argv.slice(2)], { env })

// Another program with the database of a store open: takes its write lock, and gives it back, when told to. It has to be a
// process of its own: the locks of a file are those of a process, and two copies of SQLite in one do not see each other's.
import Database from 'libsql'

const database = new Database(process.argv[2], { timeout: 10_000 })
process.on('message', (statement) => {
  database.exec(statement)
  process.send?.('done')
})
process.on('disconnect', () => process.exit(0))
process.send?.('ready')

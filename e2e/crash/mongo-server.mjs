// A MongoDB of its own for a test that stops it: tells where it is, and ends with its parent.
import { startTestMongo } from '../../scripts/test-mongo.mjs'

const { MONGODB_URI: _shared, ...env } = process.env
const mongo = await startTestMongo(env)
process.on('disconnect', async () => {
  await mongo?.stop()
  process.exit(0)
})
process.send?.({ uri: mongo?.uri, pid: mongo?.pid })

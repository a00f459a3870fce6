// A server in a process of its own, which tells its parent how much memory it has used at most.
import { startServer } from '../../src/index.js'

const LOOK_MS = 10

let peak = used()
setInterval(() => {
  peak = highest(peak, used())
}, LOOK_MS)

const server = await startServer(process.env)
process.on('message', (asked) => {
  if (asked === 'begin') {
    globalThis.gc?.()
    peak = used()
  }
  process.send?.({ asked, ...highest(peak, used()) })
})
process.once('disconnect', () => void server.close().finally(() => process.exit(0)))
process.send?.({ url: server.url })

function used(): { rss: number; bytes: number } {
  const { rss, arrayBuffers, heapUsed } = process.memoryUsage()
  return { rss, bytes: arrayBuffers + heapUsed }
}

function highest(one: ReturnType<typeof used>, other: ReturnType<typeof used>): ReturnType<typeof used> {
  return { rss: Math.max(one.rss, other.rss), bytes: Math.max(one.bytes, other.bytes) }
}

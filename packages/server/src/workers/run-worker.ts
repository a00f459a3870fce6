import { readEnvironment } from '../environment.js'
import { createLogger } from '../log.js'
import { deadlineOf, runUntilSignal, startedFirst } from '../run-until-signal.js'
import { type RunningServer, startServer } from '../server.js'
import { createIpcBus } from './ipc-bus.js'
import { type IpcChannel, ipcChannel } from './ipc-channel.js'
import type { WorkerPlace } from './worker-place.js'

/** What a worker does from its start to its end: it is a server as any other, that is told things by its primary. */
export async function runWorker(given: Omit<WorkerPlace, 'siblings'>): Promise<void> {
  const { LOG_LEVEL, NATS_URL, NODE_NAME } = readEnvironment(process.env)
  const channel = ipcChannel(process)
  const logger = createLogger(LOG_LEVEL).child({ node: NODE_NAME })
  const siblings = createIpcBus(channel, { logger })
  const place = { ...given, siblings }
  // Nodes of other machines are there only where NATS is.
  const starting = startServer(process.env, { logger, place, ...(NATS_URL ? {} : { bus: siblings }) })
  const end = runUntilSignal(
    {
      async close() {
        await startedFirst(starting).close()
        await siblings.close()
      },
    },
    logger,
    { deadlineMs: deadlineOf({ NATS_URL }) },
  )
  const server = await starting
  process.on('unhandledRejection', (err) => logger.error({ err }, 'Nobody handled a rejected promise'))
  channel.onMessage((message) => {
    if (message.kind === 'end') end()
    if (message.kind === 'gone') void bury(message.node, server, channel)
  })
  channel.send({ kind: 'listening', url: server.url })
}

/** The primary has seen it end: nobody has to wait until its lease runs out. */
async function bury(node: string, { manager, logger }: RunningServer, channel: IpcChannel): Promise<void> {
  try {
    const freed = await manager.nodes.ended(node)
    channel.send({ kind: 'buried', node })
    logger.warn({ ended: node, freed }, 'A worker has ended; its sessions are free')
  } catch (err) {
    logger.warn(
      { err, ended: node },
      'What a worker held that has ended could not be freed; its leases run out by themselves',
    )
  }
}

import { runUntilSignal, startServer } from '@trunkline/server'
import { createIpcBus } from '../../../packages/server/src/workers/ipc-bus.js'
import { ipcChannel } from '../../../packages/server/src/workers/ipc-channel.js'

/** A server that talks to the others over the process that has started it, and ends with it. */
const channel = ipcChannel(process)
const bus = createIpcBus(channel, { logger: console })
const server = await startServer(process.env, { bus })
const end = runUntilSignal(
  {
    async close() {
      await server.close()
      await bus.close()
    },
  },
  server.logger,
)
channel.onClose(end)

import { ClusterEvents } from '../cluster/cluster-events.js'
import { CommandDesk } from '../cluster/command-desk.js'
import { HandOver } from '../cluster/hand-over.js'
import { Rebalance } from '../cluster/rebalance.js'
import { RemoteCommands } from '../cluster/remote-commands.js'
import { StandBy, type StandByParts } from '../cluster/stand-by.js'
import type { LiveSessions } from '../manager/live-sessions.js'
import { DEFAULT_REBALANCE, type ManagerOptions } from '../manager/options.js'
import type { SessionRouter } from '../manager/session-router.js'
import type { EventName, EventOf } from '../types/events.js'
import { loopUtilization } from '../util/loop-utilization.js'
import type { SharedServices } from './compose-services.js'

/** What a manager has of the other nodes. */
export interface Cluster {
  others: RemoteCommands
  desk: CommandDesk
  events: ClusterEvents
  standBy: StandBy
  handOver: HandOver
}

interface Parts extends SharedServices {
  router(): SessionRouter
  live(): LiveSessions
  /** Runs a session here that another node has given to this one. */
  accept(sessionId: string): Promise<void>
  resume: StandByParts['resume']
  resumeAll: StandByParts['resumeAll']
  listen(heard: (name: EventName, event: EventOf<EventName>) => void): () => void
}

/** `undefined` for a manager that is alone, or whose nodes cannot talk to each other. */
export function composeCluster({ cluster }: ManagerOptions, parts: Parts): Cluster | undefined {
  if (!cluster) return undefined
  const { bus } = cluster
  const { store, clock, logger, node, leaseFree, listen } = parts
  const { media, leases } = store
  const { rebalance: wanted } = cluster
  const standBy = new StandBy({ ...parts, bus, wake: () => parts.claims?.wake() })
  const handOver: HandOver = new HandOver({
    ...parts,
    bus,
    leases,
    tellFree: () => standBy.tellFree(),
    spare: (question) => rebalance.give(question),
    utilization: loopUtilization(),
  })
  const rebalance = new Rebalance({
    ...parts,
    timings: wanted === false ? undefined : { ...DEFAULT_REBALANCE, ...wanted },
    ask: (node, question) => handOver.ask(node, question),
    move: (sessionId, to) => handOver.move(sessionId, to),
  })
  parts.claims?.onLook((look) => rebalance.seen(look))
  return {
    others: new RemoteCommands({ bus, clock, media, leases, leaseFree }),
    desk: new CommandDesk({
      bus,
      clock,
      node,
      media,
      leases,
      logger,
      run: (sessionId, command, options) => parts.router().callHere(sessionId, command, options),
      asked: (question) => handOver.answer(question),
    }),
    handOver,
    standBy,
    events: new ClusterEvents({ bus, events: store.events, sessions: store.sessions, clock, logger, listen }),
  }
}

import type { CommandOptions, ResultOf, SessionCommand } from '../session/commands.js'

/** Other nodes of the store, as somebody to give commands to. */
export interface OtherNodes {
  /** Makes a command ready to be given to one node after the other. */
  pack<Command extends SessionCommand>(
    sessionId: string,
    command: Command,
    options: CommandOptions,
  ): Promise<Packed<Command>>
}

/** A command that can travel, for as long as it is not ended. */
export interface Packed<Command extends SessionCommand> {
  /** For this node, should the session come here meanwhile. */
  readonly command: Command
  readonly options: CommandOptions
  /**
   * Has a node carry it out. `moved`: nothing was done, that node does not run the session.
   *
   * @throws what the command throws there · CLUSTER_UNREACHABLE, also when nobody can tell whether it was done
   */
  ask(node: string): Promise<{ result: ResultOf<Command> } | 'moved'>
  /** What was kept for it goes. */
  end(): Promise<void>
}

/** What nodes can do for each other, where they can talk. */
export interface NodeDesk {
  /** Has a node give its sessions away; resolves when it has begun. @throws CLUSTER_UNREACHABLE */
  drain(nodeId: string): Promise<void>
  /** Moves a session from one to another. @throws NODE_UNAVAILABLE · CLUSTER_UNREACHABLE */
  move(sessionId: string, route: { from: string; to: string }): Promise<void>
}

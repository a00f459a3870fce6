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

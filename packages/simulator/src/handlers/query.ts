import type { Party } from '../model/world.js'
import type { Connection } from '../server/connection.js'
import type { ServerContext } from '../server/server-context.js'
import type { BinaryNode } from '../wire/node.js'

/** An `iq` of a linked device, with its first child, which says what it is about. */
export interface Query {
  server: ServerContext
  connection: Connection
  party: Party
  iq: BinaryNode
  child: BinaryNode | undefined
}

/** The children of the result. Throws a {@link QueryError} to answer by an error. */
export type QueryHandler = (query: Query) => BinaryNode[] | undefined

/** By `xmlns/type/first child`. */
export type QueryTable = Record<string, QueryHandler>

export class QueryError extends Error {
  readonly code: number

  constructor(code: number, text: string) {
    super(text)
    this.name = 'QueryError'
    this.code = code
  }
}

export const nothing: QueryHandler = () => undefined

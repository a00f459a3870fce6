import type { ClientSession, MongoClient } from 'mongodb'

/** Runs work in a transaction where the deployment has them, and plainly where it does not. */
export interface Transactions {
  readonly available: boolean
  run<Result>(work: (session: ClientSession | undefined) => Promise<Result>): Promise<Result>
}

export function createTransactions(client: MongoClient, available: boolean): Transactions {
  return {
    available,
    run: (work) =>
      available ? client.withSession((session) => session.withTransaction(() => work(session))) : work(undefined),
  }
}

/** A replica set and a sharded cluster have transactions; a standalone server has none. */
export function hasTransactions(hello: Record<string, unknown>): boolean {
  const wireVersion = Number(hello.maxWireVersion ?? 0)
  return wireVersion >= 9 && (typeof hello.setName === 'string' || hello.msg === 'isdbgrid')
}

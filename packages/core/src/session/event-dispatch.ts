import type { Connection, ConnectionEvent } from '../ports/connector.js'

/** What a session does on its events; `close` ends the connection and is nobody's to handle. */
export type SessionEvent = Exclude<ConnectionEvent, { type: 'close' }>

/** One handler for each type of event. A feature fills those that are its own. */
export type EventHandlers = {
  [Type in SessionEvent['type']]: (
    event: Extract<SessionEvent, { type: Type }>,
    connection: Connection,
  ) => Promise<void> | void
}

/** Carries out an event of the connection by the table. */
export async function dispatch(handlers: EventHandlers, event: SessionEvent, connection: Connection): Promise<void> {
  const handle = handlers[event.type] as (event: SessionEvent, connection: Connection) => Promise<void> | void
  await handle(event, connection)
}

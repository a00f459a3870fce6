import type { EventOf, Session } from '../types.js'

/** What the events of a session change of it. Pure: the same session comes back where nothing changed. */
export type SessionChange =
  | { kind: 'status'; event: EventOf<'session.status'> }
  | { kind: 'health'; event: EventOf<'session.health'> }
  | { kind: 'received'; event: EventOf<'message'> }
  | { kind: 'sent'; event: EventOf<'message-sent'> }

export function changeSession(session: Session, change: SessionChange): Session {
  switch (change.kind) {
    case 'status':
      return withStatus(session, change.event)
    case 'health':
      return session.health === change.event.health
        ? session
        : { ...session, health: change.event.health, updatedAt: change.event.at }
    case 'received':
      return active(session, 'received', change.event.at)
    case 'sent':
      return active(session, change.event.message.status === 'failed' ? 'failed' : 'sent', change.event.at)
  }
}

function withStatus(session: Session, { status, account, reason, at }: EventOf<'session.status'>): Session {
  const { statusReason: _before, ...rest } = session
  return {
    ...rest,
    updatedAt: at,
    status,
    health: healthOf(status),
    ...(account ? { account } : {}),
    ...(reason ? { statusReason: reason } : {}),
    ...(status === 'connected' ? { lastConnectedAt: at } : {}),
  }
}

/** Until the server says it, as its own rule goes: those that wait for a person are unhealthy, those that try heal. */
function healthOf(status: Session['status']): Session['health'] {
  if (status === 'failed' || status === 'banned' || status === 'logged_out') return 'unhealthy'
  return status === 'reconnecting' ? 'degraded' : 'ok'
}

function active(session: Session, counter: 'sent' | 'received' | 'failed', at: string): Session {
  const counters = { ...session.counters, [counter]: session.counters[counter] + 1 }
  return { ...session, counters, lastActivityAt: at, updatedAt: at }
}

/** Who may not see what links an account. */
export const VIEWERS = 'trunkline:viewers'

const SESSION_PREFIX = 'session:'

export function roomOf(sessionId: string): string {
  return `${SESSION_PREFIX}${sessionId}`
}

/** The session of a room; `undefined` for rooms of the host and of Socket.IO. */
export function sessionOf(room: string): string | undefined {
  return room.startsWith(SESSION_PREFIX) ? room.slice(SESSION_PREFIX.length) : undefined
}

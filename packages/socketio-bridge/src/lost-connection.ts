import type { Socket } from 'socket.io'

/**
 * Ends a socket so that its client takes it for a lost connection: it comes back by itself, asks its `auth` function again and
 * resumes. After Socket.IO's own `disconnect()`, and after the error of a middleware, a client stays away for good. Sockets of
 * other namespaces on the same connection are lost with it and come back too: Socket.IO has no packet that says less.
 *
 * @param discard drops what is still to be written instead of waiting until the client has read it
 */
export function loseConnection(socket: Socket, { discard = false }: { discard?: boolean } = {}): void {
  socket.conn.close(discard)
}

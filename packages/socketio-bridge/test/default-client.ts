import { io as connectTo, type ManagerOptions, type SocketOptions } from 'socket.io-client'

export interface ClientOptions extends Partial<ManagerOptions & SocketOptions> {
  token?: () => string
  /** Instead of a token. */
  apiKey?: string
  namespace?: string
}

/** What an application has: the defaults, a token that is asked for at every try, and the place where it was. */
export function defaultClient(
  port: number,
  { token = () => 'good', apiKey, namespace = '/', ...options }: ClientOptions = {},
) {
  let seq = 0
  const socket = connectTo(`http://127.0.0.1:${port}${namespace}`, {
    forceNew: true,
    auth: (give) => give({ ...(apiKey === undefined ? { token: token() } : { apiKey }), after: { own: seq } }),
    ...options,
  })
  /** The numbers of the events of the session `own`. */
  const seen: number[] = []
  const names: string[] = []
  const problems: unknown[] = []
  const counts = { connects: 0, ends: 0 }
  const checks = new Set<() => void>()
  const noted = () => {
    for (const check of checks) check()
  }
  socket.on('connect', () => {
    counts.connects += 1
    noted()
  })
  socket.on('disconnect', () => {
    counts.ends += 1
    noted()
  })
  socket.on('connect_error', (error) => {
    problems.push((error as { data?: { code?: string } }).data?.code)
    noted()
  })
  socket.onAny((name: string, event: { sessionId: string; seq?: number }) => {
    names.push(`${event.sessionId} ${name}`)
    if (event.sessionId === 'own' && event.seq !== undefined) {
      seq = event.seq
      seen.push(seq)
    }
    noted()
  })
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (!condition()) return
        checks.delete(check)
        resolve()
      }
      checks.add(check)
      check()
    })
  return { socket, seen, names, problems, counts, until }
}

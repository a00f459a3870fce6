import { useCallback, useSyncExternalStore } from 'react'
import { useTrunkline } from '../provider.js'
import type { Session } from '../types.js'
import type { SessionsSnapshot } from './live-sessions.js'

/** All sessions of the caller, live. */
export function useSessions(): SessionsSnapshot {
  const { sessions } = useTrunkline()
  return useSyncExternalStore(sessions.subscribe, sessions.snapshot)
}

/** One session, live; `undefined` while it is read, and when there is none. */
export function useSession(id: string): Session | undefined {
  const { sessions } = useTrunkline()
  const one = useCallback(() => sessions.one(id), [sessions, id])
  return useSyncExternalStore(sessions.subscribe, one)
}

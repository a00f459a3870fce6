import type { Client } from '@trunkline/client'
import { createContext, lazy, type ReactNode, Suspense, useContext, useMemo, useState } from 'react'
import { problemText, useTrunkline } from '../../react/provider.js'
import { isRunning, nameOf } from '../../react/status.js'
import type { Session } from '../../react/types.js'
import { useToasts } from '../shell/toasts.js'

// Not before one of them is opened.
const LinkDialog = lazy(async () => ({ default: (await import('../../react/link/link-dialog.js')).LinkDialog }))
const ConfirmDialog = lazy(async () => ({ default: (await import('./confirm-dialog.js')).ConfirmDialog }))

/** What can be done with a session, or with several. */
export type Action = 'start' | 'stop' | 'restart' | 'logout' | 'delete' | 'resetAttempts'

/** What a person has to say twice. */
const ASKS: readonly Action[] = ['logout', 'delete']

interface SessionActions {
  /** Does it, after a confirmation where it cannot be taken back. */
  act(action: Action, sessions: readonly Session[]): void
  /** Opens the dialog that links an account, and starts a session that rests. */
  link(sessionId: string): void
}

const Context = createContext<SessionActions | undefined>(undefined)

export function useSessionActions(): SessionActions {
  const value = useContext(Context)
  if (!value) throw new Error('There are no actions around this')
  return value
}

/** Most calls at once: the server counts what one login asks for. */
const AT_ONCE = 4

export function SessionActionsProvider({ children }: { children: ReactNode }) {
  const parts = useTrunkline()
  const toasts = useToasts()
  const [asking, setAsking] = useState<{ action: Action; sessions: readonly Session[] }>()
  const [linking, setLinking] = useState<string>()

  const value = useMemo((): SessionActions => {
    const run = async (action: Action, sessions: readonly Session[]) => {
      const failures = await forEach(sessions, (session) => carryOut(parts, action, session))
      report({ action, sessions, failures, parts, toasts })
    }
    return {
      act(action, sessions) {
        if (ASKS.includes(action)) setAsking({ action, sessions })
        else void run(action, sessions)
      },
      link(sessionId) {
        setLinking(sessionId)
        const session = parts.sessions.one(sessionId)
        // Whoever wants to link wants to see a code. The dialog says what came of it.
        if (session && !isRunning(session.status))
          parts.client.sessions.start(sessionId).then(parts.sessions.put, () => {})
      },
    }
  }, [parts, toasts])

  return (
    <Context value={value}>
      {children}
      <Suspense fallback={null}>
        {asking ? (
          <ConfirmDialog
            action={asking.action === 'logout' ? 'logout' : 'delete'}
            sessions={asking.sessions}
            onClose={() => setAsking(undefined)}
            onConfirm={async () => {
              const { action, sessions } = asking
              const failures = await forEach(sessions, (session) => carryOut(parts, action, session))
              setAsking(undefined)
              report({ action, sessions, failures, parts, toasts })
            }}
          />
        ) : null}
        {linking === undefined ? null : <LinkDialog sessionId={linking} onClose={() => setLinking(undefined)} />}
      </Suspense>
    </Context>
  )
}

type Parts = ReturnType<typeof useTrunkline>

async function carryOut({ client, sessions }: Parts, action: Action, { id }: Session): Promise<void> {
  if (action === 'delete') {
    await client.sessions.delete(id)
    sessions.remove(id)
  } else {
    sessions.put(await CALLS[action](client, id))
  }
}

const CALLS: Readonly<Record<Exclude<Action, 'delete'>, (client: Client, id: string) => Promise<Session>>> = {
  start: (client, id) => client.sessions.start(id),
  stop: (client, id) => client.sessions.stop(id),
  restart: (client, id) => client.sessions.restart(id),
  logout: (client, id) => client.sessions.logout(id),
  resetAttempts: (client, id) => client.sessions.resetAttempts(id),
}

/** Each once, a few at a time; resolves with what went wrong. */
async function forEach(sessions: readonly Session[], action: (session: Session) => Promise<void>): Promise<unknown[]> {
  const waiting = [...sessions]
  const failures: unknown[] = []
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift())
      await action(next).catch((error: unknown) => failures.push(error))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return failures
}

interface Outcome {
  action: Action
  sessions: readonly Session[]
  failures: unknown[]
  parts: Parts
  toasts: ReturnType<typeof useToasts>
}

function report({ action, sessions, failures, parts: { t }, toasts }: Outcome): void {
  const [first] = failures
  const [only] = sessions
  if (first !== undefined && sessions.length === 1) toasts.failed(problemText(first, t))
  else if (first !== undefined)
    toasts.failed(t('failed.bulk', { count: failures.length, problem: problemText(first, t) }))
  else if (only && sessions.length === 1) toasts.done(t(`done.${action}`, { name: nameOf(only) }))
  else toasts.done(t('done.bulk', { count: sessions.length }))
}

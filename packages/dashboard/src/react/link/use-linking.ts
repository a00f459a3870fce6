import { ClientError } from '@trunkline/client'
import { useCallback, useEffect, useState } from 'react'
import { useNow, useTrunkline } from '../provider.js'
import { useSession, useSessions } from '../sessions/use-sessions.js'
import { isRunning } from '../status.js'
import type { PairingCode, QrEvent, Session } from '../types.js'
import { type LinkView, linkView } from './link-view.js'

export interface Linking {
  session: Session | undefined
  view: LinkView
  /** Whether a call of this is on its way. */
  busy: boolean
  /** What a call of this came to when it failed. */
  error: unknown
  /** Starts the session, or starts it anew for a fresh set of codes. */
  renew(): void
  /** Asks for a code to type; `phone` as people write it. */
  requestCode(phone: string): void
  /** Back to the choice of a number. */
  forgetCode(): void
}

const TICK_MS = 500

/** The linking of one session as it goes: its view changes by live events alone. */
export function useLinking(sessionId: string): Linking {
  const { client, sessions } = useTrunkline()
  const { state } = useSessions()
  const session = useSession(sessionId)
  const now = useNow(TICK_MS)
  const { qr, code, setCode } = useSecrets(sessionId, session?.status)
  const [wasShown, setWasShown] = useState(false)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()

  const status = session?.status
  useEffect(() => {
    if (status === 'awaiting_scan' || status === 'awaiting_code' || status === 'passkey_required') setWasShown(true)
    if (status && !isRunning(status)) setWasShown(false)
  }, [status])

  const run = useCallback(async (call: () => Promise<void>) => {
    setBusy(true)
    setError(undefined)
    try {
      await call()
    } catch (problem) {
      setError(problem)
    } finally {
      setBusy(false)
    }
  }, [])

  const known = session !== undefined || state !== 'loading'
  return {
    session,
    view: known ? linkView({ session, qr, code, now }, { wasShown }) : { kind: 'starting' },
    busy,
    error,
    renew: () =>
      void run(async () => {
        setCode(undefined)
        setWasShown(false)
        const again = status && isRunning(status) ? client.sessions.restart : client.sessions.start
        sessions.put(await again(sessionId))
      }),
    requestCode: (phone) =>
      void run(async () => setCode(await client.sessions.requestPairingCode(sessionId, { phone }))),
    forgetCode: () => {
      setCode(undefined)
      setError(undefined)
    },
  }
}

/** The QR and the code of now: by event, and the QR once by a call for whoever comes in the middle. */
function useSecrets(sessionId: string, status: Session['status'] | undefined) {
  const { client } = useTrunkline()
  const [qr, setQr] = useState<QrEvent>()
  const [code, setCode] = useState<PairingCode>()

  useEffect(() => {
    const offs = [
      client.events.on('qr', (event) => {
        if (event.sessionId === sessionId) setQr(event)
      }),
      client.events.on('pairing-code', (event) => {
        if (event.sessionId === sessionId) setCode(event)
      }),
    ]
    return () => {
      for (const off of offs) off()
    }
  }, [client, sessionId])

  const waits = status === 'awaiting_scan' || status === 'awaiting_code'
  useEffect(() => {
    if (!waits) return undefined
    const asking = new AbortController()
    client.sessions
      .getQr(sessionId, { signal: asking.signal })
      .then((found) => setQr((newer) => (newer && newer.issuedAt > found.issuedAt ? newer : found)))
      .catch((error: unknown) => {
        // None yet: its event brings it.
        if (!asking.signal.aborted && !ClientError.is(error)) throw error
      })
    return () => asking.abort()
  }, [client, sessionId, waits])

  return { qr, code, setCode }
}

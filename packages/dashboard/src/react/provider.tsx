import { type Client, ClientError, type LiveState } from '@trunkline/client'
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { type Dictionary, en } from './i18n/en.js'
import { type Format, formatter } from './i18n/format.js'
import { type Locale, type Translate, translator } from './i18n/translate.js'
import { LiveSessions } from './sessions/live-sessions.js'

export interface TrunklineProviderProps {
  /** Signed in, with its option `live`: everything below speaks through it. */
  client: Client
  /** `en` unless given. */
  locale?: Locale
  /** The texts of that language: `es`, `pt` or your own; English unless given. */
  dictionary?: Dictionary
  /**
   * Whether people and groups are shown with their pictures, as far as they are in view: `true` unless given. The server asks WhatsApp for
   * each at most once a day. Takes the permission `contacts:read`.
   */
  pictures?: boolean
  children: ReactNode
}

interface Parts {
  client: Client
  sessions: LiveSessions
  locale: Locale
  dictionary: Dictionary
  pictures: boolean
  t: Translate
  format: Format
}

const Context = createContext<Parts | undefined>(undefined)

/** What the parts below need: who speaks to the server, and in which language they speak to people. */
export function TrunklineProvider({
  client,
  locale = 'en',
  dictionary = en,
  pictures = true,
  children,
}: TrunklineProviderProps) {
  const sessions = useMemo(() => new LiveSessions(client), [client])
  const parts = useMemo(() => {
    const t = translator(locale, dictionary)
    return { client, sessions, locale, dictionary, pictures, t, format: formatter(locale, t) }
  }, [client, sessions, locale, dictionary, pictures])
  return <Context value={parts}>{children}</Context>
}

export function useTrunkline(): Parts {
  const parts = useContext(Context)
  if (!parts) throw new Error('This part stands outside of a TrunklineProvider')
  return parts
}

/** The live connection, and since when what is shown is no longer kept up. */
export interface Connection {
  status: LiveState['status']
  /** When it was lost, in milliseconds; left out while it is there, or was never. */
  lostAt?: number
}

export function useConnection(): Connection {
  const { client } = useTrunkline()
  const watch = useMemo(() => watchConnection(client), [client])
  return useSyncExternalStore(watch.subscribe, watch.get)
}

function watchConnection(client: Client) {
  let current: Connection = { status: client.events.state.status }
  return {
    get: () => current,
    subscribe: (listener: () => void) =>
      client.events.onState(({ status }) => {
        const wasOpen = current.status === 'open'
        const lostAt = status === 'open' ? undefined : wasOpen ? Date.now() : current.lostAt
        current = { status, ...(lostAt === undefined ? {} : { lostAt }) }
        listener()
      }),
  }
}

/** The time, told anew as often as given. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}

/** What went wrong, as a sentence for people. */
export function useProblemText(): (error: unknown) => string {
  const { t } = useTrunkline()
  return (error) => problemText(error, t)
}

export function problemText(error: unknown, t: Translate): string {
  if (!ClientError.is(error))
    return t('problem.unknown', { message: error instanceof Error ? error.message : String(error) })
  switch (error.code) {
    case 'NETWORK_FAILED':
      return t('problem.network')
    case 'TIMED_OUT':
      return t('problem.timedOut')
    case 'FORBIDDEN':
      return t('problem.forbidden')
    case 'RATE_LIMITED':
      return t('problem.rateLimited')
    case 'SESSION_NOT_FOUND':
    case 'CHAT_NOT_FOUND':
    case 'USER_NOT_FOUND':
    case 'WEBHOOK_NOT_FOUND':
    case 'DELIVERY_NOT_FOUND':
      return t('problem.notFound')
    case 'VALIDATION_FAILED':
      return t('problem.invalid', {
        fields: (error.errors ?? []).map(({ field, message }) => `${field} ${message}`).join(', '),
      })
    default:
      return t('problem.unknown', { message: error.message })
  }
}

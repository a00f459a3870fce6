import { use } from 'react'
import { useTrunkline } from '../../react/provider.js'
import type { actions } from './actions.en.js'
import type { admin } from './admin.en.js'
import { LazyTexts, useLazyTexts } from './lazy-texts.js'
import type { session } from './session.en.js'

const ADMIN = new LazyTexts<typeof admin>({
  en: async () => (await import('./admin.en.js')).admin,
  es: async () => (await import('./admin.es.js')).admin,
  pt: async () => (await import('./admin.pt.js')).admin,
})

/** For the pages of administration. */
export const useAdminTexts = () => useLazyTexts(ADMIN)

const SESSION = new LazyTexts<typeof session>({
  en: async () => (await import('./session.en.js')).session,
  es: async () => (await import('./session.es.js')).session,
  pt: async () => (await import('./session.pt.js')).session,
})

/** For the page of one session. */
export const useSessionTexts = () => useLazyTexts(SESSION)

const ACTIONS = new LazyTexts<typeof actions>({
  en: async () => (await import('./actions.en.js')).actions,
  es: async () => (await import('./actions.es.js')).actions,
  pt: async () => (await import('./actions.pt.js')).actions,
})

/** What an action of the audit log is called; one of a newer server goes by its name in the interface. */
export function useActionName(): (action: string) => string {
  const { locale } = useTrunkline()
  const names: Readonly<Record<string, string>> = use(ACTIONS.fetch(locale))
  return (action) => names[`action.${action}`] ?? action
}

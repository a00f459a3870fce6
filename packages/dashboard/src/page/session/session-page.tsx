import { Link2, Play, RotateCcw } from 'lucide-react'
import { type KeyboardEvent, lazy, type ReactNode, Suspense, useId } from 'react'
import { Link, useLocation, useSearch } from 'wouter'
import { useNow, useTrunkline } from '../../react/provider.js'
import { useSession, useSessions } from '../../react/sessions/use-sessions.js'
import { adviceText, isRunning, nameOf, phoneText, reasonText, TONES } from '../../react/status.js'
import type { Session } from '../../react/types.js'
import { Avatar } from '../../react/ui/avatar.js'
import { Button } from '../../react/ui/button.js'
import { StatusPill } from '../../react/ui/status-pill.js'
import { useMe } from '../me.js'
import { useSessionActions } from '../sessions/session-actions.js'
import { SessionMenu } from '../sessions/session-menu.js'
import { Loading } from '../shell/loading.js'
import { NotFound } from '../shell/not-found.js'
import { PageHead } from '../shell/page-head.js'
import { useSessionTexts } from '../texts/use-texts.js'
import { ChatsTab } from './chats-tab.js'
import { DetailsTab } from './details-tab.js'
import { RestrictionsNotice } from './queue/restrictions-notice.js'
import { useQueueNews } from './queue/use-queue.js'
import { SettingsTab } from './settings-tab.js'

const ContactsTab = lazy(async () => ({ default: (await import('./contacts/contacts-tab.js')).ContactsTab }))
const GroupsTab = lazy(async () => ({ default: (await import('./groups/groups-tab.js')).GroupsTab }))
const QueueTab = lazy(async () => ({ default: (await import('./queue/queue-tab.js')).QueueTab }))

const TABS = ['chats', 'contacts', 'groups', 'queue', 'details', 'settings'] as const
type Tab = (typeof TABS)[number]

/** One session: how it is and why, its chats, its details and its settings. */
export function SessionPage({ sessionId }: { sessionId: string }) {
  const { state } = useSessions()
  const session = useSession(sessionId)
  const search = new URLSearchParams(useSearch())
  const [path, navigate] = useLocation()
  useQueueNews(sessionId, session?.status)
  if (!session) {
    return state === 'loading' ? <Loading /> : <NotFound />
  }
  const tab = TABS.find((each) => each === search.get('tab')) ?? (session.account ? 'chats' : 'details')
  return (
    <div className="page page-full session-page">
      <Head session={session} />
      <Why session={session} />
      <RestrictionsNotice sessionId={sessionId} />
      <Tabs tab={tab} onChoose={(next) => navigate(`${path}?tab=${next}`, { replace: true })}>
        {tab === 'chats' ? <ChatsTab session={session} /> : null}
        <Suspense fallback={<Loading />}>
          {tab === 'contacts' ? <ContactsTab session={session} /> : null}
          {tab === 'groups' ? <GroupsTab session={session} /> : null}
          {tab === 'queue' ? <QueueTab session={session} /> : null}
        </Suspense>
        {tab === 'details' ? <DetailsTab session={session} /> : null}
        {tab === 'settings' ? <SettingsTab session={session} /> : null}
      </Tabs>
    </div>
  )
}

function Head({ session }: { session: Session }) {
  const t = useSessionTexts()
  const { may } = useMe()
  const { account } = session
  const name = nameOf(session)
  return (
    <div className="session-head">
      <nav className="crumbs" aria-label={t('sessions.title')}>
        <Link href="/sessions">{t('sessions.title')}</Link>
        <span aria-hidden>/</span>
        <span>{session.id}</span>
      </nav>
      <div className="session-head-row">
        <Avatar name={name} seed={session.id} />
        <PageHead
          title={name}
          lead={
            account ? [account.pushName, phoneText(account.phone)].filter(Boolean).join(' · ') : t('sessions.notLinked')
          }
        />
        <StatusPill status={session.status} />
        <div className="session-head-actions">
          {may('sessions:manage') ? (
            <>
              <MainAction session={session} />
              <SessionMenu session={session} />
            </>
          ) : null}
        </div>
      </div>
    </div>
  )
}

/** What somebody most likely wants to do with a session in its state. */
function MainAction({ session }: { session: Session }) {
  const t = useSessionTexts()
  const { act, link } = useSessionActions()
  if (session.account === undefined || TONES[session.status] === 'link' || session.status === 'logged_out') {
    return (
      <Button look="primary" icon={Link2} onClick={() => link(session.id)}>
        {t('do.link')}
      </Button>
    )
  }
  if (isRunning(session.status)) {
    return (
      <Button icon={RotateCcw} onClick={() => act('restart', [session])}>
        {t('do.restart')}
      </Button>
    )
  }
  return (
    <Button look="primary" icon={Play} onClick={() => act('start', [session])}>
      {t('do.start')}
    </Button>
  )
}

/** Why it is in its state, and what can be done about it. Of one that is well there is nothing to say. */
function Why({ session }: { session: Session }) {
  const { format } = useTrunkline()
  const t = useSessionTexts()
  const now = useNow(1_000)
  const { statusReason, status } = session
  if (status === 'connected') return null
  const retryAt = statusReason?.retryAt
  return (
    <div className={`why tl-tone-${TONES[status]}`} role="status">
      <p>
        <strong>{statusReason ? reasonText(statusReason, t) : t(`status.${status}`)}</strong>
        <span>{adviceText(session, t)}</span>
      </p>
      {retryAt === undefined ? null : (
        <span className="why-when">{t('retry.at', { when: format.relative(retryAt, now) })}</span>
      )}
    </div>
  )
}

function Tabs({ tab, onChoose, children }: { tab: Tab; onChoose(tab: Tab): void; children: ReactNode }) {
  const t = useSessionTexts()
  const id = useId()
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (step === undefined) return
    const next = TABS[(TABS.indexOf(tab) + step + TABS.length) % TABS.length] ?? tab
    onChoose(next)
    event.currentTarget.querySelector<HTMLElement>(`[data-tab=${next}]`)?.focus()
  }
  return (
    <>
      <div className="tabs" role="tablist" aria-label={t('session.tabs')} onKeyDown={onKeyDown}>
        {TABS.map((each) => (
          <button
            key={each}
            type="button"
            role="tab"
            id={`${id}-${each}`}
            data-tab={each}
            aria-selected={each === tab}
            aria-controls={`${id}-panel`}
            tabIndex={each === tab ? 0 : -1}
            className="tl-tab"
            onClick={() => onChoose(each)}
          >
            {t(`session.tab.${each}`)}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${tab}`} className="tab-panel">
        {children}
      </div>
    </>
  )
}

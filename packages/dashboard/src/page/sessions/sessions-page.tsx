import { Link2, MessagesSquare, Plus, Search } from 'lucide-react'
import { useCallback, useDeferredValue, useMemo, useState } from 'react'
import { useLocation, useRouter } from 'wouter'
import { useTrunkline } from '../../react/provider.js'
import { SessionList } from '../../react/sessions/session-list.js'
import { useSessions } from '../../react/sessions/use-sessions.js'
import type { Session } from '../../react/types.js'
import { Button } from '../../react/ui/button.js'
import { Empty } from '../../react/ui/empty.js'
import { Problem } from '../../react/ui/problem.js'
import { useMe } from '../me.js'
import { Loading } from '../shell/loading.js'
import { PageHead } from '../shell/page-head.js'
import { BulkBar } from './bulk-bar.js'
import { CreateDialog } from './create-dialog.js'
import { useSessionActions } from './session-actions.js'
import { SessionMenu } from './session-menu.js'
import { countsOf, FILTERS, SORTS, type View, viewOf } from './session-view.js'

const FIRST: View = { search: '', filter: 'all', sort: 'attention' }

export function SessionsPage() {
  const { t, sessions: live } = useTrunkline()
  const { may } = useMe()
  const { state, sessions, error } = useSessions()
  const [view, setView] = useState(FIRST)
  const [creating, setCreating] = useState(false)
  const { link } = useSessionActions()
  const mayManage = may('sessions:manage')
  const newButton = mayManage ? (
    <Button look="primary" icon={Plus} onClick={() => setCreating(true)}>
      {t('sessions.new')}
    </Button>
  ) : null

  return (
    <div className="page page-full">
      <PageHead
        title={t('sessions.title')}
        lead={state === 'ready' ? t('sessions.count', { count: sessions.length }) : ' '}
      >
        {newButton}
      </PageHead>
      {error === undefined ? null : <Problem error={error} onRetry={live.reload} />}
      {state === 'ready' && sessions.length === 0 ? (
        <div className="card card-fill">
          <Empty
            icon={MessagesSquare}
            title={t('sessions.empty')}
            lead={t(mayManage ? 'sessions.emptyLead' : 'sessions.emptyViewer')}
          >
            {newButton}
          </Empty>
        </div>
      ) : (
        <>
          <Toolbar view={view} sessions={sessions} onChange={setView} />
          {state === 'loading' ? (
            <Loading />
          ) : (
            <Table sessions={sessions} view={view} onClear={() => setView({ ...FIRST, sort: view.sort })} />
          )}
        </>
      )}
      {creating ? (
        <CreateDialog
          onClose={() => setCreating(false)}
          onCreated={(session) => {
            setCreating(false)
            live.put(session)
            link(session.id)
          }}
        />
      ) : null}
    </div>
  )
}

interface ToolbarProps {
  view: View
  sessions: readonly Session[]
  onChange(view: View): void
}

function Toolbar({ view, sessions, onChange }: ToolbarProps) {
  const { t, format } = useTrunkline()
  const counts = useMemo(() => countsOf(sessions), [sessions])
  return (
    <div className="toolbar">
      <label className="search">
        <Search size={16} aria-hidden />
        <input
          type="search"
          className="tl-input"
          aria-label={t('sessions.search')}
          placeholder={t('sessions.searchHint')}
          value={view.search}
          onChange={(event) => onChange({ ...view, search: event.target.value })}
        />
      </label>
      <fieldset className="tl-segments filter" aria-label={t('sessions.filter')}>
        {FILTERS.map((filter) => (
          <button
            key={filter}
            type="button"
            className="tl-segment"
            aria-pressed={view.filter === filter}
            onClick={() => onChange({ ...view, filter })}
          >
            {t(`sessions.filter.${filter}`)} <span className="count">{format.number(counts[filter])}</span>
          </button>
        ))}
      </fieldset>
      <select
        className="tl-input tl-select sort"
        aria-label={t('sessions.sort')}
        value={view.sort}
        onChange={(event) =>
          onChange({ ...view, sort: SORTS.find((sort) => sort === event.target.value) ?? 'attention' })
        }
      >
        {SORTS.map((sort) => (
          <option key={sort} value={sort}>
            {t(`sessions.sort.${sort}`)}
          </option>
        ))}
      </select>
    </div>
  )
}

function Table({ sessions, view, onClear }: { sessions: readonly Session[]; view: View; onClear(): void }) {
  const { t } = useTrunkline()
  const { may } = useMe()
  const [, navigate] = useLocation()
  const { base } = useRouter()
  const { link } = useSessionActions()
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  // A list of hundreds is sorted and drawn after what somebody typed or pressed is seen, and gives way to the next press.
  const deferred = useDeferredValue(useMemo(() => ({ sessions, view }), [sessions, view]))
  const shown = useMemo(() => viewOf(deferred.sessions, deferred.view), [deferred])
  const mayManage = may('sessions:manage')
  const selected = useMemo(() => shown.filter(({ id }) => chosen.has(id)), [shown, chosen])

  const onOpen = useCallback((session: Session) => navigate(`/sessions/${session.id}`), [navigate])
  const hrefOf = useCallback((session: Session) => `${base}/sessions/${session.id}`, [base])
  const onSelect = useCallback(
    ({ id }: Session, isSelected: boolean) =>
      setChosen((before) =>
        isSelected ? new Set([...before, id]) : new Set([...before].filter((other) => other !== id)),
      ),
    [],
  )
  const actions = useCallback(
    (session: Session) => (
      <>
        {session.status === 'awaiting_scan' || session.status === 'awaiting_code' ? (
          <button
            type="button"
            className="tl-icon-button"
            title={t('do.link')}
            aria-label={t('do.link')}
            onClick={() => link(session.id)}
          >
            <Link2 size={18} aria-hidden />
          </button>
        ) : null}
        <SessionMenu session={session} />
      </>
    ),
    [t, link],
  )

  if (shown.length === 0) {
    return (
      <div className="card card-fill">
        <Empty icon={Search} title={t('sessions.noMatch')} lead={t('sessions.noMatchLead')}>
          <Button onClick={onClear}>{t('sessions.clearFilter')}</Button>
        </Empty>
      </div>
    )
  }
  return (
    <div className="card card-fill">
      {mayManage ? (
        <BulkBar
          shown={shown}
          selected={selected}
          onSelectAll={() => setChosen(new Set(shown.map(({ id }) => id)))}
          onClear={() => setChosen(new Set())}
        />
      ) : null}
      <div className="card-scroll">
        <SessionList
          sessions={shown}
          onOpen={onOpen}
          hrefOf={hrefOf}
          {...(mayManage ? { selected: chosen, onSelect, actions } : {})}
        />
      </div>
    </div>
  )
}

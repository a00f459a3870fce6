import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { useTrunkline } from '../../react/provider.js'
import { useSessions } from '../../react/sessions/use-sessions.js'
import { nameOf } from '../../react/status.js'
import type { AuditEntry } from '../../react/types.js'
import { Button } from '../../react/ui/button.js'
import { Problem } from '../../react/ui/problem.js'
import { Loading } from '../shell/loading.js'
import { PageHead } from '../shell/page-head.js'
import { useActionName, useAdminTexts } from '../texts/use-texts.js'

const OUTCOMES = ['done', 'refused', 'failed'] as const

/** Who did what, newest first. */
export function AuditPage() {
  const { client } = useTrunkline()
  const t = useAdminTexts()
  const { sessions } = useSessions()
  const [outcome, setOutcome] = useState<AuditEntry['outcome']>()
  const [sessionId, setSessionId] = useState('')
  const filter = { ...(outcome ? { outcome } : {}), ...(sessionId === '' ? {} : { sessionId }) }
  const entries = useInfiniteQuery({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam, signal }) =>
      client.audit.list(
        { limit: 50, ...filter, ...(pageParam === undefined ? {} : { cursor: pageParam }) },
        { signal },
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
  const users = useQuery({
    queryKey: ['user-names'],
    queryFn: ({ signal }) => client.users.list({ limit: 200 }, { signal }),
  })
  const names = new Map(users.data?.items.map(({ id, name }) => [id, name]))
  const items = entries.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <div className="page">
      <PageHead title={t('audit.title')} lead={t('audit.lead')} />
      <div className="toolbar">
        <select
          className="tl-input tl-select narrow"
          aria-label={t('audit.outcome')}
          value={outcome ?? ''}
          onChange={(event) => setOutcome(OUTCOMES.find((each) => each === event.target.value))}
        >
          <option value="">{t('audit.outcome.all')}</option>
          {OUTCOMES.map((each) => (
            <option key={each} value={each}>
              {t(`audit.outcome.${each}`)}
            </option>
          ))}
        </select>
        <select
          className="tl-input tl-select narrow"
          aria-label={t('audit.session')}
          value={sessionId}
          onChange={(event) => setSessionId(event.target.value)}
        >
          <option value="">{t('users.access.all')}</option>
          {sessions.map((session) => (
            <option key={session.id} value={session.id}>
              {nameOf(session)}
            </option>
          ))}
        </select>
      </div>
      {entries.error ? <Problem error={entries.error} onRetry={() => void entries.refetch()} /> : null}
      {entries.isPending ? <Loading /> : null}
      {entries.data ? (
        <div className="card table-card">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t('audit.when')}</th>
                <th scope="col">{t('audit.who')}</th>
                <th scope="col">{t('audit.what')}</th>
                <th scope="col">{t('audit.about')}</th>
                <th scope="col">{t('audit.outcome')}</th>
              </tr>
            </thead>
            <tbody>
              {items.map((entry) => (
                <Row key={entry.id} entry={entry} names={names} />
              ))}
            </tbody>
          </table>
          {items.length === 0 ? <p className="soft table-empty">{t('audit.empty')}</p> : null}
        </div>
      ) : null}
      {entries.hasNextPage ? (
        <Button busy={entries.isFetchingNextPage} onClick={() => void entries.fetchNextPage()}>
          {t('do.loadMore')}
        </Button>
      ) : null}
    </div>
  )
}

const TONES = { done: 'good', refused: 'work', failed: 'bad' } as const

function Row({ entry, names }: { entry: AuditEntry; names: ReadonlyMap<string, string> }) {
  const { format } = useTrunkline()
  const t = useAdminTexts()
  const actionName = useActionName()
  const { at, userId, keyId, action, sessionId, targetId, outcome, code, address } = entry
  return (
    <tr>
      <td className="nowrap">
        <time dateTime={at} title={at}>
          {format.moment(at)}
        </time>
      </td>
      <td>
        {userId === undefined ? t('audit.nobody') : (names.get(userId) ?? userId)}
        <span className="soft block">
          {[
            keyId === undefined ? undefined : t('audit.byKey'),
            address === undefined ? undefined : t('audit.from', { address }),
          ]
            .filter(Boolean)
            .join(', ')}
        </span>
      </td>
      <td>
        {actionName(action)}
        <code className="soft block">{action}</code>
      </td>
      <td>
        {sessionId === undefined ? (
          <span className="soft">{targetId === undefined ? '' : (names.get(targetId) ?? targetId)}</span>
        ) : (
          <Link href={`/sessions/${sessionId}`}>{sessionId}</Link>
        )}
      </td>
      <td>
        <span className={`tl-pill tl-tone-${TONES[outcome]}`}>{t(`audit.outcome.${outcome}`)}</span>
        {code === undefined ? null : <code className="soft block">{code}</code>}
      </td>
    </tr>
  )
}

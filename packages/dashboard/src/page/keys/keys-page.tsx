import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { KeyRound, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useNow, useTrunkline } from '../../react/provider.js'
import type { ApiKey } from '../../react/types.js'
import { Button, IconButton } from '../../react/ui/button.js'
import { Empty } from '../../react/ui/empty.js'
import { Problem } from '../../react/ui/problem.js'
import { AskDialog } from '../shell/ask-dialog.js'
import { Loading } from '../shell/loading.js'
import { PageHead } from '../shell/page-head.js'
import { useAdminTexts } from '../texts/use-texts.js'
import { KeyDialog } from './key-dialog.js'

/** The keys of machines. A key itself is seen once, when it is made. */
export function KeysPage() {
  const { client } = useTrunkline()
  const t = useAdminTexts()
  const queries = useQueryClient()
  const [making, setMaking] = useState(false)
  const [ending, setEnding] = useState<ApiKey>()
  const keys = useInfiniteQuery({
    queryKey: ['keys'],
    queryFn: ({ pageParam, signal }) =>
      client.keys.list({ limit: 50, ...(pageParam === undefined ? {} : { cursor: pageParam }) }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
  const again = () => void queries.invalidateQueries({ queryKey: ['keys'] })
  const items = keys.data?.pages.flatMap((page) => page.items) ?? []
  const newButton = (
    <Button look="primary" icon={Plus} onClick={() => setMaking(true)}>
      {t('keys.new')}
    </Button>
  )
  return (
    <div className="page">
      <PageHead title={t('keys.title')} lead={t('keys.lead')}>
        {newButton}
      </PageHead>
      {keys.error ? <Problem error={keys.error} onRetry={again} /> : null}
      {keys.isPending ? <Loading /> : null}
      {keys.data && items.length === 0 ? (
        <div className="card">
          <Empty icon={KeyRound} title={t('keys.empty')} lead={t('keys.emptyLead')}>
            {newButton}
          </Empty>
        </div>
      ) : null}
      {items.length > 0 ? (
        <div className="card table-card">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t('keys.name')}</th>
                <th scope="col">{t('keys.permissions')}</th>
                <th scope="col">{t('keys.lastUsed')}</th>
                <th scope="col">{t('keys.expires')}</th>
                <th scope="col">
                  <span className="tl-hidden">{t('do.more')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {items.map((key) => (
                <Row key={key.id} item={key} onEnd={() => setEnding(key)} />
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
      {keys.hasNextPage ? (
        <Button busy={keys.isFetchingNextPage} onClick={() => void keys.fetchNextPage()}>
          {t('do.loadMore')}
        </Button>
      ) : null}
      {making ? <KeyDialog onClose={() => setMaking(false)} onMade={again} /> : null}
      {ending ? (
        <AskDialog
          title={t('keys.delete.title', { name: ending.name })}
          lead={t('keys.delete.lead')}
          action={t('keys.delete.do')}
          call={() => client.keys.delete(ending.id)}
          onClose={() => setEnding(undefined)}
          onDone={() => {
            setEnding(undefined)
            again()
          }}
        />
      ) : null}
    </div>
  )
}

function Row({ item, onEnd }: { item: ApiKey; onEnd(): void }) {
  const { format } = useTrunkline()
  const t = useAdminTexts()
  const now = useNow(30_000)
  const { name, prefix, permissions, sessionIds, lastUsedAt, expiresAt } = item
  return (
    <tr>
      <td>
        <strong>{name}</strong>
        <code className="soft block">{prefix}…</code>
      </td>
      <td>
        <ul className="tags">
          {permissions.map((permission) => (
            <li key={permission}>{t(`permission.${permission}`)}</li>
          ))}
        </ul>
        <span className="soft block">
          {sessionIds === '*' ? t('users.access.all') : t('users.access.count', { count: sessionIds.length })}
        </span>
      </td>
      <td data-label={t('keys.lastUsed')}>{lastUsedAt ? format.relative(lastUsedAt, now) : t('say.never')}</td>
      <td data-label={t('keys.expires')}>{expiresAt ? format.moment(expiresAt) : t('say.never')}</td>
      <td>
        <div className="row-actions">
          <IconButton icon={Trash2} label={`${t('keys.delete.do')}: ${name}`} onClick={onEnd} />
        </div>
      </td>
    </tr>
  )
}

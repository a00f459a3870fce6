import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { Pencil, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useTrunkline } from '../../react/provider.js'
import type { User } from '../../react/types.js'
import { Avatar } from '../../react/ui/avatar.js'
import { Button, IconButton } from '../../react/ui/button.js'
import { Problem } from '../../react/ui/problem.js'
import { useMe } from '../me.js'
import { AskDialog } from '../shell/ask-dialog.js'
import { Loading } from '../shell/loading.js'
import { PageHead } from '../shell/page-head.js'
import { useAdminTexts } from '../texts/use-texts.js'
import { UserDialog } from './user-dialog.js'

/** Who can sign in, and what exists for them. */
export function UsersPage() {
  const { client } = useTrunkline()
  const t = useAdminTexts()
  const queries = useQueryClient()
  const [open, setOpen] = useState<User | 'new'>()
  const [leaving, setLeaving] = useState<User>()
  const users = useInfiniteQuery({
    queryKey: ['users'],
    queryFn: ({ pageParam, signal }) =>
      client.users.list({ limit: 50, ...(pageParam === undefined ? {} : { cursor: pageParam }) }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
  const again = () => void queries.invalidateQueries({ queryKey: ['users'] })
  return (
    <div className="page">
      <PageHead title={t('users.title')} lead={t('users.lead')}>
        <Button look="primary" icon={Plus} onClick={() => setOpen('new')}>
          {t('users.new')}
        </Button>
      </PageHead>
      {users.error ? <Problem error={users.error} onRetry={again} /> : null}
      {users.isPending ? <Loading /> : null}
      {users.data ? (
        <div className="card table-card">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t('users.name')}</th>
                <th scope="col">{t('users.role')}</th>
                <th scope="col">{t('users.access')}</th>
                <th scope="col">
                  <span className="tl-hidden">{t('do.more')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {users.data.pages
                .flatMap(({ items }) => items)
                .map((user) => (
                  <Row key={user.id} user={user} onEdit={() => setOpen(user)} onDelete={() => setLeaving(user)} />
                ))}
            </tbody>
          </table>
        </div>
      ) : null}
      {users.hasNextPage ? (
        <Button busy={users.isFetchingNextPage} onClick={() => void users.fetchNextPage()}>
          {t('do.loadMore')}
        </Button>
      ) : null}
      {open ? (
        <UserDialog
          user={open === 'new' ? undefined : open}
          onClose={() => setOpen(undefined)}
          onSaved={() => {
            setOpen(undefined)
            again()
          }}
        />
      ) : null}
      {leaving ? (
        <AskDialog
          title={t('users.delete.title', { name: leaving.name })}
          lead={t('users.delete.lead')}
          action={t('do.delete')}
          call={() => client.users.delete(leaving.id)}
          onClose={() => setLeaving(undefined)}
          onDone={() => {
            setLeaving(undefined)
            again()
          }}
        />
      ) : null}
    </div>
  )
}

function Row({ user, onEdit, onDelete }: { user: User; onEdit(): void; onDelete(): void }) {
  const t = useAdminTexts()
  const me = useMe().user
  const { sessionIds } = user
  const access =
    sessionIds === '*'
      ? t('users.access.all')
      : sessionIds.length === 0
        ? t('users.access.none')
        : t('users.access.count', { count: sessionIds.length })
  return (
    <tr>
      <td>
        <div className="who">
          <Avatar small name={user.name} seed={user.id} />
          <div>
            <strong>
              {user.name}
              {user.id === me.id ? <span className="tag">{t('users.you')}</span> : null}
              {user.disabled ? <span className="tag tl-tone-bad">{t('users.disabled')}</span> : null}
            </strong>
            <span className="soft">{user.email}</span>
          </div>
        </div>
      </td>
      <td>
        {t(`role.${user.role}`)}
        <span className="soft block">{t(`role.${user.role}.means`)}</span>
      </td>
      <td>{access}</td>
      <td>
        <div className="row-actions">
          <IconButton icon={Pencil} label={t('users.edit', { name: user.name })} onClick={onEdit} />
          {user.id === me.id ? null : (
            <IconButton icon={Trash2} label={`${t('do.delete')}: ${user.name}`} onClick={onDelete} />
          )}
        </div>
      </td>
    </tr>
  )
}

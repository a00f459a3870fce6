import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Ban, ListChecks, Search, UserRound } from 'lucide-react'
import { useDeferredValue, useState } from 'react'
import { contactName } from '../../../react/people/people-book.js'
import { PersonAvatar } from '../../../react/people/person-avatar.js'
import { useTrunkline } from '../../../react/provider.js'
import { phoneText } from '../../../react/status.js'
import type { Contact, Session } from '../../../react/types.js'
import { Button } from '../../../react/ui/button.js'
import { Empty } from '../../../react/ui/empty.js'
import { Problem } from '../../../react/ui/problem.js'
import { useMe } from '../../me.js'
import { Loading } from '../../shell/loading.js'
import { useSessionTexts } from '../../texts/use-texts.js'
import { useNews } from '../use-news.js'
import { CheckDialog } from './check-dialog.js'
import { ContactDialog } from './contact-dialog.js'

/** Who writes for the first time, or has another name. */
const NEWS = ['contact.updated'] as const

/** The people whom an account knows. */
export function ContactsTab({ session }: { session: Session }) {
  const { client } = useTrunkline()
  const t = useSessionTexts()
  const { may } = useMe()
  const [search, setSearch] = useState('')
  const [open, setOpen] = useState<Contact>()
  const [checking, setChecking] = useState(false)
  const q = useDeferredValue(search.trim())
  const isConnected = session.status === 'connected'
  useNews('contacts', session.id, NEWS)
  const contacts = useInfiniteQuery({
    queryKey: ['contacts', session.id, q],
    queryFn: ({ pageParam, signal }) =>
      client.contacts.list(
        session.id,
        { limit: 50, ...(q === '' ? {} : { q }), ...(pageParam === undefined ? {} : { cursor: pageParam }) },
        { signal },
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
  const blocked = useQuery({
    queryKey: ['blocked', session.id],
    queryFn: ({ signal }) => client.contacts.listBlocked(session.id, { signal }),
    enabled: isConnected,
  })
  const blockedIds = new Set(blocked.data?.items.flatMap(({ id, phone }) => [id, phone ?? id]))
  const isBlocked = ({ id, phone }: Contact) => blockedIds.has(id) || (phone !== undefined && blockedIds.has(phone))
  const items = contacts.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <div className="details-one">
      <div className="toolbar">
        <label className="search">
          <Search size={16} aria-hidden />
          <input
            type="search"
            className="tl-input"
            aria-label={t('contacts.search')}
            placeholder={t('contacts.search')}
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
        </label>
        {may('contacts:manage') && isConnected ? (
          <div className="toolbar-end">
            <Button icon={ListChecks} onClick={() => setChecking(true)}>
              {t('contacts.check')}
            </Button>
          </div>
        ) : null}
      </div>
      {contacts.error ? <Problem error={contacts.error} onRetry={() => void contacts.refetch()} /> : null}
      {contacts.isPending ? <Loading /> : null}
      {contacts.data && items.length === 0 ? (
        <Empty icon={UserRound} title={t('contacts.empty')} lead={t('contacts.emptyLead')} />
      ) : null}
      {items.length > 0 ? (
        <ul className="card people" aria-label={t('session.tab.contacts')}>
          {items.map((contact) => (
            <Row key={contact.id} contact={contact} isBlocked={isBlocked(contact)} onOpen={() => setOpen(contact)} />
          ))}
        </ul>
      ) : null}
      {contacts.hasNextPage ? (
        <Button busy={contacts.isFetchingNextPage} onClick={() => void contacts.fetchNextPage()}>
          {t('do.loadMore')}
        </Button>
      ) : null}
      {open ? (
        <ContactDialog
          session={session}
          contact={open}
          isBlocked={isBlocked(open)}
          onChanged={() => void blocked.refetch()}
          onClose={() => setOpen(undefined)}
        />
      ) : null}
      {checking ? <CheckDialog sessionId={session.id} onClose={() => setChecking(false)} /> : null}
    </div>
  )
}

function Row({ contact, isBlocked, onOpen }: { contact: Contact; isBlocked: boolean; onOpen(): void }) {
  const t = useSessionTexts()
  const { sessionId, id, phone, pushName } = contact
  const number = phone === undefined ? undefined : phoneText(phone)
  const name = contactName(contact) ?? number ?? id
  const details = [number === name ? undefined : number, pushName && contact.name ? `~${pushName}` : undefined]
  return (
    <li>
      <button type="button" className="person" onClick={onOpen}>
        <PersonAvatar small sessionId={sessionId} id={id} name={name} />
        <span className="person-text">
          <strong>{name}</strong>
          <span className="soft">{details.filter(Boolean).join(' · ')}</span>
        </span>
        {isBlocked ? (
          <span className="tag tl-tone-bad">
            <Ban size={12} aria-hidden /> {t('contacts.blocked')}
          </span>
        ) : null}
      </button>
    </li>
  )
}

import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, type ReactNode, useRef } from 'react'
import { useNow, useTrunkline } from '../provider.js'
import { nameOf, phoneText, reasonText, TONES } from '../status.js'
import type { Session } from '../types.js'
import { Avatar } from '../ui/avatar.js'
import { StatusPill } from '../ui/status-pill.js'

export interface SessionListProps {
  sessions: readonly Session[]
  /** A press on the name of a session. */
  onOpen(session: Session): void
  /** Where its name leads, so that it can be opened in another tab. */
  hrefOf?: (session: Session) => string
  /** The ids that are chosen; without it there is nothing to choose with. */
  selected?: ReadonlySet<string>
  onSelect?: (session: Session, selected: boolean) => void
  /** What stands at the end of a row: a menu, a button. */
  actions?: (session: Session) => ReactNode
}

const ROW_PX = 68

/** Sessions with their state, live. Only rows that can be seen are in the page, however many there are. */
export function SessionList({ sessions, selected, ...rest }: SessionListProps) {
  const { t } = useTrunkline()
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: sessions.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (at) => sessions[at]?.id ?? at,
    overscan: 6,
  })
  const now = useNow(30_000)
  return (
    <div ref={scroller} className="tl-list">
      <ul className="tl-list-inside" aria-label={t('sessions.title')} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ key, index, start }) => {
          const session = sessions[index]
          if (!session) return null
          return (
            <li
              key={key}
              aria-setsize={sessions.length}
              aria-posinset={index + 1}
              className="tl-list-row"
              style={{ height: ROW_PX, transform: `translateY(${start}px)` }}
            >
              <Row session={session} now={now} isSelected={selected?.has(session.id)} {...rest} />
            </li>
          )
        })}
      </ul>
    </div>
  )
}

interface RowProps extends Omit<SessionListProps, 'sessions' | 'selected'> {
  session: Session
  now: number
  isSelected: boolean | undefined
}

const Row = memo(function Row({ session, now, isSelected, onOpen, hrefOf, onSelect, actions }: RowProps) {
  const { t, format } = useTrunkline()
  const name = nameOf(session)
  const { account, statusReason, counters, lastActivityAt } = session
  return (
    <div className={isSelected ? 'tl-session tl-session-selected' : 'tl-session'} data-session={session.id}>
      {isSelected === undefined ? null : (
        <input
          type="checkbox"
          className="tl-check"
          checked={isSelected}
          aria-label={t('sessions.select', { name })}
          onChange={(event) => onSelect?.(session, event.target.checked)}
        />
      )}
      <Avatar name={name} seed={session.id} badge={<span className={`tl-badge tl-tone-${TONES[session.status]}`} />} />
      <div className="tl-session-who">
        <a
          className="tl-session-name"
          href={hrefOf?.(session) ?? '#'}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey) return
            event.preventDefault()
            onOpen(session)
          }}
        >
          {name}
        </a>
        <span className="tl-session-account">{account ? phoneText(account.phone) : t('sessions.notLinked')}</span>
      </div>
      <div className="tl-session-state">
        <StatusPill status={session.status} />
        {statusReason && session.status !== 'connected' ? (
          <span className="tl-session-why">{reasonText(statusReason, t)}</span>
        ) : null}
      </div>
      <div className="tl-session-numbers">
        <span title={t('sessions.sent', { count: counters.sent })}>↑ {format.short(counters.sent)}</span>
        <span title={t('sessions.received', { count: counters.received })}>↓ {format.short(counters.received)}</span>
      </div>
      <div className="tl-session-when">{lastActivityAt ? format.relative(lastActivityAt, now) : t('say.never')}</div>
      <div className="tl-session-actions">{actions?.(session)}</div>
    </div>
  )
})

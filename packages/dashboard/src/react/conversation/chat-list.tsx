import { useVirtualizer } from '@tanstack/react-virtual'
import { Archive, BellOff, MessagesSquare, Pin, Users } from 'lucide-react'
import { useDeferredValue, useMemo, useRef, useState } from 'react'
import { PersonAvatar } from '../people/person-avatar.js'
import { peopleOf, useChatName } from '../people/use-person.js'
import { useNow, useTrunkline } from '../provider.js'
import type { Chat } from '../types.js'
import { Empty } from '../ui/empty.js'
import { Problem } from '../ui/problem.js'
import { Spinner } from '../ui/spinner.js'
import { chatName, previewOf } from './message-text.js'
import { Ticks } from './ticks.js'
import type { useChats } from './use-feeds.js'

export interface ChatListProps {
  feed: ReturnType<typeof useChats>
  /** The id of the chat that is open. */
  openId: string | undefined
  onOpen(chat: Chat): void
}

const ROW_PX = 68

/** Chats with their last message, the newest first. */
export function ChatList({ feed, openId, onOpen }: ChatListProps) {
  const { client, t } = useTrunkline()
  const [search, setSearch] = useState('')
  const wanted = useDeferredValue(search.trim().toLowerCase())
  const [inArchive, setInArchive] = useState(false)
  // What is looked for may be in the archive.
  const shown = useMemo(
    () =>
      feed.chats.filter((chat) =>
        wanted === ''
          ? chat.archived === inArchive
          : matches(chat, wanted, peopleOf(client, chat.sessionId).nameOf(chat.id)),
      ),
    [feed.chats, wanted, inArchive, client],
  )
  const archived = feed.chats.filter((chat) => chat.archived).length
  if (feed.state === 'loading') {
    return (
      <div className="tl-empty" role="status" aria-label={t('say.loading')}>
        <Spinner large />
      </div>
    )
  }
  return (
    <div className="tl-chats">
      <div className="tl-chats-search">
        <input
          type="search"
          className="tl-input"
          aria-label={t('chats.search')}
          placeholder={t('chats.search')}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      </div>
      {archived > 0 && wanted === '' ? (
        <button type="button" className="tl-archive" aria-pressed={inArchive} onClick={() => setInArchive(!inArchive)}>
          <Archive size={15} aria-hidden />
          {inArchive ? t('chats.leaveArchive') : t('chats.inArchive', { count: archived })}
        </button>
      ) : null}
      {feed.error === undefined ? null : <Problem error={feed.error} onRetry={feed.reload} />}
      {feed.state === 'ready' && shown.length === 0 ? (
        <Empty icon={MessagesSquare} title={t('chats.empty')} lead={t('chats.emptyLead')} />
      ) : (
        <Rows chats={shown} hasMore={feed.hasMore} onMore={feed.more} openId={openId} onOpen={onOpen} />
      )}
    </div>
  )
}

interface RowsProps extends Omit<ChatListProps, 'feed'> {
  chats: readonly Chat[]
  hasMore: boolean
  onMore(): void
}

function Rows({ chats, hasMore, onMore, openId, onOpen }: RowsProps) {
  const { t } = useTrunkline()
  const scroller = useRef<HTMLDivElement>(null)
  const now = useNow(30_000)
  const rows = useVirtualizer({
    count: chats.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (at) => chats[at]?.id ?? at,
    overscan: 5,
    onChange: ({ range }) => {
      if (hasMore && range && range.endIndex >= chats.length - 3) onMore()
    },
  })
  return (
    <div ref={scroller} className="tl-list">
      <ul className="tl-list-inside" aria-label={t('chats.title')} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ key, index, start }) => {
          const chat = chats[index]
          if (!chat) return null
          return (
            <li
              key={key}
              className="tl-list-row"
              aria-setsize={chats.length}
              aria-posinset={index + 1}
              style={{ height: ROW_PX, transform: `translateY(${start}px)` }}
            >
              <Row chat={chat} now={now} isOpen={chat.id === openId} onOpen={onOpen} />
            </li>
          )
        })}
      </ul>
    </div>
  )
}

function Row({ chat, now, isOpen, onOpen }: { chat: Chat; now: number; isOpen: boolean; onOpen(chat: Chat): void }) {
  const { t, format } = useTrunkline()
  const name = useChatName(chat)
  const { lastMessage, unreadCount } = chat
  return (
    <button type="button" className="tl-chat" aria-current={isOpen || undefined} onClick={() => onOpen(chat)}>
      <PersonAvatar sessionId={chat.sessionId} id={chat.id} name={name} />
      <span className="tl-chat-text">
        <span className="tl-chat-line">
          <span className="tl-chat-name">
            {chat.kind === 'group' ? <Users size={14} aria-label={t('chats.group')} /> : null}
            {name}
          </span>
          {lastMessage ? <span className="tl-chat-when">{whenText(lastMessage.timestamp, now, format)}</span> : null}
        </span>
        <span className="tl-chat-line">
          <span className="tl-chat-last">
            {lastMessage?.fromMe ? <Ticks message={lastMessage} /> : null}
            <span>{lastMessage ? previewOf(lastMessage, t) : ''}</span>
          </span>
          {chat.archived ? <Archive size={14} aria-label={t('chats.archived')} /> : null}
          {chat.mutedUntil ? <BellOff size={14} aria-label={t('chats.muted')} /> : null}
          {chat.pinned ? <Pin size={14} aria-label={t('chats.pinned')} /> : null}
          {unreadCount > 0 ? (
            <span className="tl-unread">
              <span aria-hidden>{format.short(unreadCount)}</span>
              <span className="tl-hidden">{t('chats.unread', { count: unreadCount })}</span>
            </span>
          ) : null}
        </span>
      </span>
    </button>
  )
}

const DAY_MS = 86_400_000

function whenText(time: string, now: number, format: ReturnType<typeof useTrunkline>['format']): string {
  return now - Date.parse(time) < DAY_MS ? format.clock(time) : format.date(time)
}

function matches(chat: Chat, wanted: string, person = ''): boolean {
  return (
    chatName(chat).toLowerCase().includes(wanted) ||
    person.toLowerCase().includes(wanted) ||
    (chat.phone?.includes(wanted.replace(/\D/g, '') || wanted) ?? false)
  )
}

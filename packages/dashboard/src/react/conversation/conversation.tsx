import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, MessageSquare } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { usePersonName } from '../people/use-person.js'
import { useNow, useProblemText, useTrunkline } from '../provider.js'
import { useSession } from '../sessions/use-sessions.js'
import type { Message } from '../types.js'
import { Empty } from '../ui/empty.js'
import { Problem } from '../ui/problem.js'
import { Spinner } from '../ui/spinner.js'
import { Bubble } from './bubble.js'
import { ConversationProvider, type Question } from './conversation-context.js'
import { DeleteDialog, EmojiDialog, ForwardDialog } from './message-dialogs.js'
import { keyOf } from './message-list.js'
import { addressText } from './message-text.js'
import { type Draft, SendBox } from './send-box.js'
import { useMessages } from './use-feeds.js'
import { useFileDrop } from './use-file-drop.js'
import { useMarkRead } from './use-mark-read.js'
import { useMessageActions } from './use-message-actions.js'
import { useTyping } from './use-typing.js'

export interface ConversationProps {
  sessionId: string
  /** A chat id, as chats have it; to a number that has no chat yet, the number itself. */
  chatId: string
  /** What the other side is called, for those who hear the page. */
  name: string
  /** Whether messages can be written here; they can unless it is `false`. */
  canSend?: boolean
  /** Whether messages can be starred here; they can unless it is `false`. */
  canManage?: boolean
  /**
   * How many of its messages are unread, as the chat tells it. They are marked as read while the chat is seen here, and who wrote
   * them is told. Nothing is marked when it is left out.
   */
  unreadCount?: number
}

/** One chat: its messages as they come, older ones on the way up, what can be done to each, and a box to write in. */
export function Conversation(props: ConversationProps) {
  return <OneChat key={`${props.sessionId} ${props.chatId}`} {...props} />
}

function OneChat({ sessionId, chatId, name, canSend = true, canManage = true, unreadCount }: ConversationProps) {
  const { t } = useTrunkline()
  const problemOf = useProblemText()
  const feed = useMessages(sessionId, chatId)
  const session = useSession(sessionId)
  const connected = session?.status === 'connected'
  useMarkRead({ sessionId, chatId, unreadCount, connected })
  const [draft, setDraft] = useState<Draft>()
  const [question, setQuestion] = useState<Question>()
  const [file, setFile] = useState<File>()
  const dropZone = useFileDrop(canSend && connected ? setFile : undefined)
  const { react, star, error } = useMessageActions(feed.put)
  const isGroup = chatId.endsWith('@g.us')
  const { jid, lid } = session?.account ?? {}
  const parts = useMemo(
    () => ({
      sessionId,
      isGroup,
      canSend: canSend && connected,
      canManage: canManage && connected,
      ownIds: [jid, lid].filter((id) => id !== undefined),
      react,
      star,
      reply: (message: Message) => setDraft({ kind: 'reply', message }),
      edit: (message: Message) => setDraft({ kind: 'edit', message }),
      ask: setQuestion,
    }),
    [sessionId, isGroup, canSend, canManage, connected, jid, lid, react, star],
  )
  const why = canSend ? (session && !connected ? t('message.notConnected') : undefined) : t('message.viewer')
  const answered = () => setQuestion(undefined)
  return (
    <ConversationProvider value={parts}>
      <section className="tl-conversation" aria-label={t('message.log', { name })} {...dropZone}>
        {feed.state === 'loading' ? (
          <div className="tl-empty" role="status" aria-label={t('say.loading')}>
            <Spinner large />
          </div>
        ) : feed.messages.length === 0 ? (
          feed.error === undefined ? (
            <Empty icon={MessageSquare} title={t('message.none')} lead={t('chats.newLead')} />
          ) : (
            <Problem error={feed.error} onRetry={feed.reload} />
          )
        ) : (
          <Messages feed={feed} name={name} isGroup={isGroup} />
        )}
        <TypingLine sessionId={sessionId} chatId={chatId} />
        {error === undefined ? null : (
          <p className="tl-note tl-tone-bad tl-note-inside" role="alert">
            {problemOf(error)}
          </p>
        )}
        <SendBox
          sessionId={sessionId}
          chatId={chatId}
          why={why}
          draft={draft}
          file={file}
          onFile={setFile}
          onDraftDone={() => setDraft(undefined)}
          onSent={feed.put}
        />
        {question?.kind === 'delete' ? (
          <DeleteDialog message={question.message} onDone={feed.put} onClose={answered} />
        ) : null}
        {question?.kind === 'forward' ? <ForwardDialog message={question.message} onClose={answered} /> : null}
        {question?.kind === 'emoji' ? <EmojiDialog message={question.message} onClose={answered} /> : null}
      </section>
    </ConversationProvider>
  )
}

function TypingLine({ sessionId, chatId }: { sessionId: string; chatId: string }) {
  const { t } = useTrunkline()
  const typing = useTyping(sessionId, chatId)
  const person = usePersonName(sessionId, typing?.senderId)
  return (
    <p className="tl-typing" role="status">
      {typing ? t(`typing.${typing.state}`, { name: person ?? addressText(typing.senderId) }) : null}
    </p>
  )
}

/** About one line of text. */
const ROW_PX = 58
const NEAR_TOP = 4
const NEAR_END_PX = 80

function Messages({ feed, name, isGroup }: { feed: ReturnType<typeof useMessages>; name: string; isGroup: boolean }) {
  const { t, format } = useTrunkline()
  const { messages, hasOlder, loadingOlder, older } = feed
  const scroller = useRef<HTMLDivElement>(null)
  const [isBelow, setBelow] = useState(true)
  const now = useNow(60_000)
  const rows = useVirtualizer({
    count: messages.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (at) => (messages[at] ? keyOf(messages[at]) : at),
    overscan: 8,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: NEAR_END_PX,
    paddingStart: 12,
    paddingEnd: 12,
    onChange: (virtual) => setBelow(virtual.isAtEnd(NEAR_END_PX)),
  })
  const first = rows.range?.startIndex ?? NEAR_TOP + 1
  // Of the last one that is seen.
  const stop = rows.range?.endIndex
  useEffect(() => {
    if (hasOlder && !loadingOlder && first <= NEAR_TOP) older()
  }, [hasOlder, loadingOlder, first, older])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a chat is opened at its end, once.
  useEffect(() => rows.scrollToEnd(), [])

  return (
    <div className="tl-messages-frame">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard. */}
      <div ref={scroller} className="tl-messages" role="log" tabIndex={0} aria-label={t('message.log', { name })}>
        <div className="tl-messages-inside" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ key, index, start }) => {
            const message = messages[index]
            if (!message) return null
            const before = messages[index - 1]
            return (
              <div
                key={key}
                ref={rows.measureElement}
                data-index={index}
                className="tl-message-row"
                style={{ transform: `translateY(${start}px)` }}
              >
                {index === 0 ? (
                  <p className="tl-notice" role={loadingOlder ? 'status' : undefined}>
                    {hasOlder || loadingOlder ? t('say.loading') : t('message.first')}
                  </p>
                ) : null}
                {isNewDay(before, message) ? <p className="tl-day">{format.day(message.timestamp, now)}</p> : null}
                <Bubble
                  message={message}
                  showSender={isGroup && before?.senderId !== message.senderId}
                  isStop={index === stop}
                />
              </div>
            )
          })}
        </div>
      </div>
      {isBelow ? null : (
        <button
          type="button"
          className="tl-to-end"
          aria-label={t('message.newBelow')}
          title={t('message.newBelow')}
          onClick={() => rows.scrollToEnd()}
        >
          <ArrowDown size={18} aria-hidden />
        </button>
      )}
    </div>
  )
}

function isNewDay(before: Message | undefined, { timestamp }: Message): boolean {
  return before === undefined || new Date(before.timestamp).toDateString() !== new Date(timestamp).toDateString()
}

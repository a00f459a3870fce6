import { Ban, Forward, MapPin, Star, UserRound } from 'lucide-react'
import { memo } from 'react'
import { usePersonName } from '../people/use-person.js'
import { useTrunkline } from '../provider.js'
import type { Message } from '../types.js'
import { Attachment } from './attachment.js'
import { useConversation } from './conversation-context.js'
import { MediaPart } from './media-part.js'
import { MessageMenu } from './message-menu.js'
import { addressText, previewOf } from './message-text.js'
import { Ticks } from './ticks.js'

/** Lines of the chat that nobody wrote. */
const NOTICES: readonly Message['type'][] = ['system', 'placeholder', 'hidden', 'unknown']

export interface BubbleProps {
  message: Message
  /** In a group, above the first of several. */
  showSender: boolean
  /** Whether its menu is where the Tab key stops. */
  isStop: boolean
}

/** One message, with what can be done to it. */
export const Bubble = memo(function Bubble({ message, showSender, isStop }: BubbleProps) {
  const { t, format } = useTrunkline()
  const { fromMe, deletedAt, editedAt, starred, forwardedTimes } = message
  if (NOTICES.includes(message.type)) {
    return <p className="tl-notice">{message.text ?? message.notice?.kind ?? t(`kind.${message.type}`)}</p>
  }
  return (
    <div className={fromMe ? 'tl-line tl-line-own' : 'tl-line'}>
      <div className={fromMe ? 'tl-bubble tl-bubble-own' : 'tl-bubble'} data-message={message.id}>
        {showSender && !fromMe ? <Sender sessionId={message.sessionId} id={message.senderId} /> : null}
        {deletedAt === undefined ? (
          <>
            {forwardedTimes ? (
              <span className="tl-bubble-forwarded">
                <Forward size={13} aria-hidden /> {t('message.forwarded')}
              </span>
            ) : null}
            <Quote message={message} />
            <Content message={message} />
          </>
        ) : (
          <p className="tl-bubble-gone">
            <Ban size={15} aria-hidden /> {t('message.deleted')}
          </p>
        )}
        <span className="tl-bubble-foot">
          {starred ? <Star size={12} fill="currentcolor" aria-label={t('message.starred')} /> : null}
          {editedAt === undefined || deletedAt !== undefined ? null : <span>{t('message.edited')}</span>}
          <time dateTime={message.timestamp}>{format.clock(message.timestamp)}</time>
          {fromMe ? <Ticks message={message} /> : null}
        </span>
        {message.error ? <p className="tl-bubble-error">{message.error.message}</p> : null}
        <Reactions message={message} />
      </div>
      <MessageMenu message={message} isStop={isStop} />
    </div>
  )
})

function Sender({ sessionId, id }: { sessionId: string; id: string }) {
  return <span className="tl-bubble-sender">{usePersonName(sessionId, id) ?? addressText(id)}</span>
}

function Quote({ message: { sessionId, quoted } }: { message: Message }) {
  const { t } = useTrunkline()
  const { ownIds } = useConversation()
  const senderId = quoted?.senderId
  const isOwn = senderId !== undefined && ownIds.includes(senderId)
  const person = usePersonName(sessionId, isOwn ? undefined : senderId)
  if (!quoted) return null
  return (
    <blockquote className="tl-quote">
      {senderId === undefined ? null : <strong>{isOwn ? t('chats.you') : (person ?? addressText(senderId))}</strong>}
      <span>{quoted.text ?? t(`kind.${quoted.type ?? 'unknown'}`)}</span>
    </blockquote>
  )
}

function Content({ message }: { message: Message }) {
  const { t } = useTrunkline()
  const { text, media, poll, location, contacts } = message
  if (poll) return <Poll poll={poll} />
  if (location) {
    const { latitude, longitude, name, address } = location
    return (
      <Attachment icon={MapPin} title={name ?? t('kind.location')} detail={address ?? `${latitude}, ${longitude}`} />
    )
  }
  if (contacts)
    return contacts.map(({ name }) => (
      <Attachment key={name} icon={UserRound} title={name} detail={t('kind.contact')} />
    ))
  if (media) {
    return (
      <>
        <MediaPart message={message} file={media} />
        {(media.caption ?? text) ? <p className="tl-bubble-text">{media.caption ?? text}</p> : null}
      </>
    )
  }
  return <p className="tl-bubble-text">{text ?? previewOf(message, t)}</p>
}

function Poll({ poll: { question, options } }: { poll: NonNullable<Message['poll']> }) {
  const { t, format } = useTrunkline()
  const counts = options.map(({ voters, count }) => count ?? voters.length)
  const all = Math.max(1, ...counts)
  return (
    <div className="tl-poll">
      <strong>{question}</strong>
      <ul>
        {options.map(({ name }, at) => (
          <li key={name}>
            <span className="tl-poll-line">
              <span>{name}</span>
              <span title={t('message.votes', { count: counts[at] ?? 0 })}>{format.number(counts[at] ?? 0)}</span>
            </span>
            <meter min={0} max={all} value={counts[at] ?? 0} aria-label={name} />
          </li>
        ))}
      </ul>
    </div>
  )
}

/** Each with how many gave it; at a press one's own is given, or taken back. */
function Reactions({ message }: { message: Message }) {
  const { t } = useTrunkline()
  const { canSend, ownIds, react } = useConversation()
  const { reactions } = message
  if (reactions.length === 0) return null
  const own = reactions.find(({ senderId }) => ownIds.includes(senderId))?.emoji
  const counts = new Map<string, number>()
  for (const { emoji } of reactions) counts.set(emoji, (counts.get(emoji) ?? 0) + 1)
  return (
    <ul className="tl-reactions">
      {[...counts].map(([emoji, count]) => (
        <li key={emoji}>
          <button
            type="button"
            tabIndex={-1}
            disabled={!canSend}
            aria-pressed={own === emoji}
            aria-label={t(own === emoji ? 'message.unreact' : 'message.react', { emoji })}
            onClick={() => react(message, own === emoji ? '' : emoji)}
          >
            {emoji}
            {count > 1 ? ` ${count}` : ''}
          </button>
        </li>
      ))}
    </ul>
  )
}

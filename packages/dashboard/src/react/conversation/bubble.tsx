import { Ban, MapPin, UserRound } from 'lucide-react'
import { memo } from 'react'
import { useTrunkline } from '../provider.js'
import type { Message } from '../types.js'
import { Attachment } from './attachment.js'
import { MediaPart } from './media-part.js'
import { addressText, previewOf } from './message-text.js'
import { Ticks } from './ticks.js'

/** Lines of the chat that nobody wrote. */
const NOTICES: readonly Message['type'][] = ['system', 'placeholder', 'hidden', 'unknown']

/** One message. `showSender`: in a group, above the first of several. */
export const Bubble = memo(function Bubble({ message, showSender }: { message: Message; showSender: boolean }) {
  const { t, format } = useTrunkline()
  if (NOTICES.includes(message.type)) {
    return <p className="tl-notice">{message.text ?? message.notice?.kind ?? t(`kind.${message.type}`)}</p>
  }
  return (
    <div className={message.fromMe ? 'tl-bubble tl-bubble-own' : 'tl-bubble'} data-message={message.id}>
      {showSender && !message.fromMe ? <span className="tl-bubble-sender">{addressText(message.senderId)}</span> : null}
      {message.deletedAt === undefined ? (
        <>
          <Quote message={message} />
          <Content message={message} />
        </>
      ) : (
        <p className="tl-bubble-gone">
          <Ban size={15} aria-hidden /> {t('message.deleted')}
        </p>
      )}
      <span className="tl-bubble-foot">
        {message.editedAt === undefined || message.deletedAt !== undefined ? null : <span>{t('message.edited')}</span>}
        <time dateTime={message.timestamp}>{format.clock(message.timestamp)}</time>
        {message.fromMe ? <Ticks message={message} /> : null}
      </span>
      {message.error ? <p className="tl-bubble-error">{message.error.message}</p> : null}
      <Reactions message={message} />
    </div>
  )
})

function Quote({ message: { quoted } }: { message: Message }) {
  const { t } = useTrunkline()
  if (!quoted) return null
  return (
    <blockquote className="tl-quote">
      {quoted.senderId === undefined ? null : <strong>{addressText(quoted.senderId)}</strong>}
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

function Reactions({ message: { reactions } }: { message: Message }) {
  if (reactions.length === 0) return null
  const counts = new Map<string, number>()
  for (const { emoji } of reactions) counts.set(emoji, (counts.get(emoji) ?? 0) + 1)
  return (
    <ul className="tl-reactions">
      {[...counts].map(([emoji, count]) => (
        <li key={emoji}>
          {emoji}
          {count > 1 ? ` ${count}` : ''}
        </li>
      ))}
    </ul>
  )
}

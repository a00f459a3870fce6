import { X } from 'lucide-react'
import { usePersonName } from '../people/use-person.js'
import { useTrunkline } from '../provider.js'
import type { Message } from '../types.js'
import { IconButton } from '../ui/button.js'
import { addressText, previewOf } from './message-text.js'

/** What is answered, or edited, above the box that one writes in. */
export function QuoteBar({ message, kind, onDrop }: { message: Message; kind: 'reply' | 'edit'; onDrop(): void }) {
  const { t } = useTrunkline()
  const person = usePersonName(message.sessionId, message.fromMe ? undefined : message.senderId)
  const name = message.fromMe ? t('chats.you') : (person ?? addressText(message.senderId))
  return (
    <div className="tl-quote tl-quote-bar">
      <div>
        <strong>{kind === 'edit' ? t('message.editing') : t('message.replyTo', { name })}</strong>
        <span>{previewOf(message, t)}</span>
      </div>
      <IconButton icon={X} label={t('do.cancel')} onClick={onDrop} />
    </div>
  )
}

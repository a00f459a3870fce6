import { Send } from 'lucide-react'
import { type FormEvent, useId, useState } from 'react'
import { PersonAvatar } from '../people/person-avatar.js'
import { peopleOf, useChatName } from '../people/use-person.js'
import { useTrunkline } from '../provider.js'
import type { Chat, Message } from '../types.js'
import { Button } from '../ui/button.js'
import { Dialog } from '../ui/dialog.js'
import { TextField } from '../ui/field.js'
import { Problem } from '../ui/problem.js'
import { useCall } from '../use-call.js'
import { useConversation } from './conversation-context.js'
import { rulesOf } from './message-rules.js'
import { chatName, previewOf } from './message-text.js'
import { useChats } from './use-feeds.js'

interface Props {
  message: Message
  onClose(): void
}

/** Deletes for whom somebody says. */
export function DeleteDialog({ message, onDone, onClose }: Props & { onDone(message: Message): void }) {
  const { client, t } = useTrunkline()
  const { isGroup } = useConversation()
  const { id, sessionId, chatId } = message
  const remove = (who: 'everyone' | 'me') => async () => {
    onDone(await client.messages.delete(sessionId, id, { chatId, for: who }))
    onClose()
  }
  const forAll = useCall(remove('everyone'))
  const forMe = useCall(remove('me'))
  const error = forAll.error ?? forMe.error
  return (
    <Dialog
      title={t('message.delete.title')}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('do.cancel')}</Button>
          <Button busy={forMe.busy} onClick={forMe.run}>
            {t('message.delete.me')}
          </Button>
          {rulesOf(message, { now: Date.now(), isGroup }).deleteForEveryone ? (
            <Button look="danger" busy={forAll.busy} onClick={forAll.run}>
              {t('message.delete.everyone')}
            </Button>
          ) : null}
        </>
      }
    >
      <p className="tl-flat">{previewOf(message, t)}</p>
      {error === undefined ? null : <Problem error={error} />}
    </Dialog>
  )
}

/** Any emoji, beside those that the menu offers. */
export function EmojiDialog({ message, onClose }: Props) {
  const { t } = useTrunkline()
  const { react } = useConversation()
  const form = useId()
  const [emoji, setEmoji] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    react(message, emoji.trim())
    onClose()
  }
  return (
    <Dialog
      title={t('message.reactOther')}
      onClose={onClose}
      actions={
        <Button look="primary" type="submit" form={form} disabled={!/\p{Emoji}/u.test(emoji)}>
          {t('message.reactDo')}
        </Button>
      }
    >
      <form id={form} onSubmit={submit}>
        <TextField
          label={t('message.emoji')}
          hint={t('message.emojiHint')}
          autoFocus
          autoComplete="off"
          maxLength={32}
          value={emoji}
          onChange={(event) => setEmoji(event.target.value)}
        />
      </form>
    </Dialog>
  )
}

const MOST_SHOWN = 50

/** Lets a message go on to another chat. */
export function ForwardDialog({ message, onClose }: Props) {
  const { client, t } = useTrunkline()
  const { sessionId, id, chatId } = message
  const { chats } = useChats(sessionId)
  const [search, setSearch] = useState('')
  const [to, setTo] = useState<Chat>()
  const people = peopleOf(client, sessionId)
  const nameIn = (chat: Chat) => `${chatName(chat)} ${people.nameOf(chat.id) ?? ''}`
  const wanted = search.trim().toLowerCase()
  const shown = chats.filter((chat) => nameIn(chat).toLowerCase().includes(wanted)).slice(0, MOST_SHOWN)
  const { run, busy, error } = useCall(async () => {
    if (to) await client.messages.send(sessionId, { type: 'forward', to: to.id, messageId: id, chatId })
    onClose()
  })
  return (
    <Dialog
      title={t('message.forward')}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('do.cancel')}</Button>
          <Button look="primary" icon={Send} busy={busy} disabled={to === undefined} onClick={run}>
            {t('message.send')}
          </Button>
        </>
      }
    >
      <div className="tl-stack">
        <TextField
          type="search"
          label={t('message.forwardTo')}
          autoFocus
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <div className="tl-choices" role="radiogroup" aria-label={t('message.forwardTo')}>
          {shown.map((chat) => (
            <ChatChoice key={chat.id} chat={chat} chosen={to?.id === chat.id} onChoose={() => setTo(chat)} />
          ))}
        </div>
        {error === undefined ? null : <Problem error={error} />}
      </div>
    </Dialog>
  )
}

function ChatChoice({ chat, chosen, onChoose }: { chat: Chat; chosen: boolean; onChoose(): void }) {
  const name = useChatName(chat)
  return (
    <label className="tl-choice">
      <input type="radio" name="forward-to" checked={chosen} onChange={onChoose} />
      <PersonAvatar small sessionId={chat.sessionId} id={chat.id} name={name} />
      <span>{name}</span>
    </label>
  )
}

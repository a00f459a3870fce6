import { ArrowLeft, MessageSquarePlus, MessagesSquare } from 'lucide-react'
import { type FormEvent, useEffect, useState } from 'react'
import { useLocation, useSearch } from 'wouter'
import { ChatList } from '../../react/conversation/chat-list.js'
import { Conversation } from '../../react/conversation/conversation.js'
import { addressText, chatName } from '../../react/conversation/message-text.js'
import { useChats } from '../../react/conversation/use-feeds.js'
import { PersonAvatar } from '../../react/people/person-avatar.js'
import { usePersonName } from '../../react/people/use-person.js'
import { useTrunkline } from '../../react/provider.js'
import { phoneText } from '../../react/status.js'
import type { Session } from '../../react/types.js'
import { Button, IconButton } from '../../react/ui/button.js'
import { Dialog } from '../../react/ui/dialog.js'
import { Empty } from '../../react/ui/empty.js'
import { TextField } from '../../react/ui/field.js'
import { useMe } from '../me.js'
import { ChatMenu } from './chat-menu.js'

/** Chats on one side, the one that is open on the other; on a phone one of the two. */
export function ChatsTab({ session }: { session: Session }) {
  const { t } = useTrunkline()
  const { may } = useMe()
  const feed = useChats(session.id)
  const [path, navigate] = useLocation()
  const openId = new URLSearchParams(useSearch()).get('chat') ?? undefined
  const [writing, setWriting] = useState(false)
  const open = (chatId: string | undefined) =>
    navigate(`${path}?tab=chats${chatId === undefined ? '' : `&chat=${encodeURIComponent(chatId)}`}`, { replace: true })

  // A chat that was found under a number, or had moved to another id, goes on under the id that it has.
  const chat = feed.chats.find(({ id, phone }) => id === openId || phone === openId)
  const movedTo = openId === undefined ? undefined : feed.moved.get(openId)
  const settled = movedTo ?? chat?.id
  useEffect(() => {
    if (settled !== undefined && openId !== undefined && settled !== openId) {
      navigate(`${path}?tab=chats&chat=${encodeURIComponent(settled)}`, { replace: true })
    }
  }, [settled, openId, path, navigate])

  const person = usePersonName(session.id, chat && chat.name === undefined ? chat.id : undefined)
  const name = chat
    ? (chat.name ?? person ?? chatName(chat))
    : openId === undefined
      ? ''
      : /^\d+$/.test(openId)
        ? phoneText(openId)
        : addressText(openId)
  return (
    <div className={openId === undefined ? 'card chats' : 'card chats chats-open'}>
      <div className="chats-side">
        <ChatList feed={feed} openId={chat?.id ?? openId} onOpen={({ id }) => open(id)} />
        {may('messages:send') ? (
          <div className="chats-new">
            <Button icon={MessageSquarePlus} onClick={() => setWriting(true)}>
              {t('chats.new')}
            </Button>
          </div>
        ) : null}
      </div>
      <div className="chats-main">
        {openId === undefined ? (
          <Empty icon={MessagesSquare} title={t('chats.choose')} lead={t('chats.chooseLead')} />
        ) : (
          <>
            <header className="chat-head">
              <span className="chat-back">
                <IconButton icon={ArrowLeft} label={t('do.back')} onClick={() => open(undefined)} />
              </span>
              <PersonAvatar sessionId={session.id} id={chat?.id ?? openId} name={name} />
              <div>
                <h2>{name}</h2>
                {chat?.phone && (chat.name ?? person) ? <p className="soft">{phoneText(chat.phone)}</p> : null}
              </div>
              {chat && may('chats:manage') && session.status === 'connected' ? (
                <div className="chat-head-actions">
                  <ChatMenu chat={chat} name={name} onGone={() => open(undefined)} />
                </div>
              ) : null}
            </header>
            <Conversation
              sessionId={session.id}
              chatId={openId}
              name={name}
              canSend={may('messages:send')}
              canManage={may('chats:manage')}
              {...(chat && may('chats:manage') ? { unreadCount: chat.unreadCount } : {})}
            />
          </>
        )}
      </div>
      {writing ? (
        <NumberDialog
          onClose={() => setWriting(false)}
          onChoose={(number) => {
            setWriting(false)
            open(number)
          }}
        />
      ) : null}
    </div>
  )
}

function NumberDialog({ onChoose, onClose }: { onChoose(number: string): void; onClose(): void }) {
  const { t } = useTrunkline()
  const [number, setNumber] = useState('')
  const [wrong, setWrong] = useState(false)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const digits = number.replace(/\D/g, '')
    if (digits.length >= 7 && digits.length <= 15) onChoose(digits)
    else setWrong(true)
  }
  return (
    <Dialog title={t('chats.new')} onClose={onClose}>
      <form className="tl-stack" onSubmit={submit} noValidate>
        <TextField
          label={t('chats.number')}
          hint={t('link.phone.hint')}
          problem={wrong ? t('link.phone.invalid') : undefined}
          type="tel"
          inputMode="tel"
          autoFocus
          value={number}
          onChange={(event) => {
            setNumber(event.target.value)
            setWrong(false)
          }}
        />
        <Button look="primary" type="submit">
          {t('chats.new')}
        </Button>
      </form>
    </Dialog>
  )
}

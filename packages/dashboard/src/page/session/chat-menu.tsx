import {
  Archive,
  ArchiveRestore,
  Bell,
  BellOff,
  BrushCleaning,
  MailOpen,
  MoreVertical,
  Pin,
  PinOff,
  Trash2,
} from 'lucide-react'
import { useState } from 'react'
import { problemText, useTrunkline } from '../../react/provider.js'
import type { Chat } from '../../react/types.js'
import { Menu } from '../../react/ui/menu.js'
import { AskDialog } from '../shell/ask-dialog.js'
import { useToasts } from '../shell/toasts.js'
import { useSessionTexts } from '../texts/use-texts.js'

const MUTE_MS = 8 * 3_600_000

/** What can be done to a chat, here and on the phone. */
export function ChatMenu({ chat, name, onGone }: { chat: Chat; name: string; onGone(): void }) {
  const { client } = useTrunkline()
  const t = useSessionTexts()
  const { failed } = useToasts()
  const [asking, setAsking] = useState<'clear' | 'delete'>()
  const { sessionId, id, pinned, archived, mutedUntil } = chat
  const { chats } = client
  const attempt = (call: () => Promise<unknown>) => () => void call().catch((error) => failed(problemText(error, t)))
  return (
    <>
      <Menu
        label={t('chat.actions', { name })}
        trigger={<MoreVertical size={18} aria-hidden />}
        items={[
          {
            label: t(pinned ? 'chat.unpin' : 'chat.pin'),
            icon: pinned ? PinOff : Pin,
            onSelect: attempt(() => (pinned ? chats.unpin(sessionId, id) : chats.pin(sessionId, id))),
          },
          ...(mutedUntil === undefined
            ? [
                {
                  label: t('chat.mute8h'),
                  icon: BellOff,
                  onSelect: attempt(() =>
                    chats.mute(sessionId, id, { until: new Date(Date.now() + MUTE_MS).toISOString() }),
                  ),
                },
                { label: t('chat.mute'), icon: BellOff, onSelect: attempt(() => chats.mute(sessionId, id, {})) },
              ]
            : [{ label: t('chat.unmute'), icon: Bell, onSelect: attempt(() => chats.unmute(sessionId, id)) }]),
          {
            label: t(archived ? 'chat.unarchive' : 'chat.archive'),
            icon: archived ? ArchiveRestore : Archive,
            onSelect: attempt(() => (archived ? chats.unarchive(sessionId, id) : chats.archive(sessionId, id))),
          },
          {
            label: t('chat.unread'),
            icon: MailOpen,
            // Open, it would be marked as read again at once.
            onSelect: attempt(async () => {
              onGone()
              await chats.unread(sessionId, id)
            }),
          },
          'line',
          { label: t('chat.clear'), icon: BrushCleaning, onSelect: () => setAsking('clear') },
          { label: t('chat.delete'), icon: Trash2, danger: true, onSelect: () => setAsking('delete') },
        ]}
      />
      {asking ? (
        <AskDialog
          title={t(`chat.${asking}.title`, { name })}
          lead={t(`chat.${asking}.lead`)}
          action={t(`chat.${asking}`)}
          call={() =>
            asking === 'clear' ? chats.clear(sessionId, id, { keepStarred: true }) : chats.delete(sessionId, id)
          }
          onClose={() => setAsking(undefined)}
          onDone={() => {
            setAsking(undefined)
            onGone()
          }}
        />
      ) : null}
    </>
  )
}

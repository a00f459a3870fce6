import { ChevronDown, Copy, Forward, Pencil, Reply, Smile, Star, StarOff, Trash2 } from 'lucide-react'
import type { KeyboardEvent } from 'react'
import { useTrunkline } from '../provider.js'
import type { Message } from '../types.js'
import { Menu, type MenuEntry } from '../ui/menu.js'
import { useConversation } from './conversation-context.js'
import { rulesOf } from './message-rules.js'

/** Those that phones offer first. */
const EMOJIS = ['👍', '❤️', '😂', '😮', '😢', '🙏'] as const

/** What can be done to one message. Arrow keys lead from the menu of one message to that of the next. */
export function MessageMenu({ message, isStop }: { message: Message; isStop: boolean }) {
  const { t } = useTrunkline()
  const entries = useEntries(message)
  return (
    <Menu
      label={t('message.actions')}
      look="tl-bubble-menu"
      trigger={<ChevronDown size={16} aria-hidden />}
      items={entries}
      button={{ tabIndex: isStop ? 0 : -1, onKeyDown: moveToNext }}
    />
  )
}

/** Made when the menu is opened: what is allowed changes with time. */
function useEntries(message: Message): () => readonly MenuEntry[] {
  const { t } = useTrunkline()
  const { isGroup, canSend, canManage, ownIds, react, star, reply, edit, ask } = useConversation()
  return () => {
    const rules = rulesOf(message, { now: Date.now(), isGroup })
    const words = message.text ?? message.media?.caption
    const own = message.reactions.find(({ senderId }) => ownIds.includes(senderId))?.emoji
    const isThere = message.deletedAt === undefined
    return [
      ...when<MenuEntry>(canSend && rules.react, {
        row: EMOJIS.map((emoji) => ({
          label: t(own === emoji ? 'message.unreact' : 'message.react', { emoji }),
          picture: emoji,
          checked: own === emoji,
          onSelect: () => react(message, own === emoji ? '' : emoji),
        })),
      }),
      ...when<MenuEntry>(canSend && rules.react, {
        label: t('message.reactOther'),
        icon: Smile,
        onSelect: () => ask({ kind: 'emoji', message }),
      }),
      ...when<MenuEntry>(canSend && isThere, {
        label: t('message.reply'),
        icon: Reply,
        onSelect: () => reply(message),
      }),
      ...when<MenuEntry>(canSend && rules.forward, {
        label: t('message.forward'),
        icon: Forward,
        onSelect: () => ask({ kind: 'forward', message }),
      }),
      ...when<MenuEntry>(isThere && words !== undefined && navigator.clipboard !== undefined, {
        label: t('message.copy'),
        icon: Copy,
        onSelect: () => void navigator.clipboard.writeText(words ?? '').catch(() => {}),
      }),
      ...when<MenuEntry>(canSend && rules.edit, {
        label: t('message.edit'),
        icon: Pencil,
        onSelect: () => edit(message),
      }),
      ...when<MenuEntry>(canManage && isThere, {
        label: t(message.starred ? 'message.unstar' : 'message.star'),
        icon: message.starred ? StarOff : Star,
        onSelect: () => star(message),
      }),
      ...when<MenuEntry>(canSend && isThere, 'line'),
      ...when<MenuEntry>(canSend && isThere, {
        label: t('do.delete'),
        icon: Trash2,
        danger: true,
        onSelect: () => ask({ kind: 'delete', message }),
      }),
    ]
  }
}

function when<Entry>(is: boolean, entry: Entry): Entry[] {
  return is ? [entry] : []
}

function moveToNext(event: KeyboardEvent<HTMLButtonElement>): void {
  if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return
  const button = event.currentTarget
  const all = [...(button.closest('[role=log]')?.querySelectorAll<HTMLElement>('.tl-bubble-menu') ?? [])]
  const next = all[all.indexOf(button) + (event.key === 'ArrowUp' ? -1 : 1)]
  if (!next) return
  event.preventDefault()
  next.focus()
}

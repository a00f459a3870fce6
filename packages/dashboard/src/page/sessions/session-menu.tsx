import { Link2, LogOut, MoreHorizontal, Play, RotateCcw, Square, TimerReset, Trash2 } from 'lucide-react'
import { useTrunkline } from '../../react/provider.js'
import { isRunning, nameOf } from '../../react/status.js'
import type { Session } from '../../react/types.js'
import { Menu, type MenuItem } from '../../react/ui/menu.js'
import { useSessionActions } from './session-actions.js'

/** What can be done with one session in its state. */
export function SessionMenu({ session }: { session: Session }) {
  const { t } = useTrunkline()
  const { act, link } = useSessionActions()
  // Asked for when it opens: there is one in every row.
  const items = () => {
    const runs = isRunning(session.status)
    const all: (MenuItem | 'line' | false)[] = [
      session.status !== 'connected' &&
        session.account === undefined && { label: t('do.link'), icon: Link2, onSelect: () => link(session.id) },
      !runs && { label: t('do.start'), icon: Play, onSelect: () => act('start', [session]) },
      runs && { label: t('do.restart'), icon: RotateCcw, onSelect: () => act('restart', [session]) },
      runs && { label: t('do.stop'), icon: Square, onSelect: () => act('stop', [session]) },
      session.status === 'reconnecting' && {
        label: t('do.resetAttempts'),
        icon: TimerReset,
        onSelect: () => act('resetAttempts', [session]),
      },
      'line',
      session.account !== undefined && {
        label: t('do.logout'),
        icon: LogOut,
        danger: true,
        onSelect: () => act('logout', [session]),
      },
      { label: t('do.delete'), icon: Trash2, danger: true, onSelect: () => act('delete', [session]) },
    ]
    return all.filter((item) => item !== false)
  }
  return (
    <Menu
      label={`${t('do.more')}: ${nameOf(session)}`}
      trigger={<MoreHorizontal size={18} aria-hidden />}
      items={items}
    />
  )
}

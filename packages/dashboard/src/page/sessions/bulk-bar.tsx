import { LogOut, Play, RotateCcw, Square, Trash2 } from 'lucide-react'
import { useTrunkline } from '../../react/provider.js'
import type { Session } from '../../react/types.js'
import { Button } from '../../react/ui/button.js'
import { useSessionActions } from './session-actions.js'

export interface BulkBarProps {
  shown: readonly Session[]
  selected: readonly Session[]
  onSelectAll(): void
  onClear(): void
}

const ACTIONS = [
  ['start', Play],
  ['stop', Square],
  ['restart', RotateCcw],
  ['logout', LogOut],
  ['delete', Trash2],
] as const

/** The head of the list: what the columns are, or what can be done with those that are chosen. */
export function BulkBar({ shown, selected, onSelectAll, onClear }: BulkBarProps) {
  const { t } = useTrunkline()
  const { act } = useSessionActions()
  const isAll = selected.length === shown.length
  return (
    <div className={selected.length > 0 ? 'list-head list-head-chosen' : 'list-head'}>
      <input
        type="checkbox"
        className="tl-check"
        aria-label={t('sessions.selectAll')}
        checked={isAll}
        ref={(box) => {
          if (box) box.indeterminate = selected.length > 0 && !isAll
        }}
        onChange={() => (isAll ? onClear() : onSelectAll())}
      />
      {selected.length === 0 ? (
        <>
          <span className="list-head-who">{t('sessions.column.session')}</span>
          <span>{t('sessions.column.status')}</span>
          <span className="wide-only">{t('sessions.column.messages')}</span>
          <span className="wide-only">{t('sessions.column.activity')}</span>
        </>
      ) : (
        <div className="bulk" role="toolbar" aria-label={t('sessions.selected', { count: selected.length })}>
          <strong aria-live="polite">{t('sessions.selected', { count: selected.length })}</strong>
          {ACTIONS.map(([action, icon]) => (
            <Button key={action} small icon={icon} onClick={() => act(action, selected)}>
              {t(`do.${action}`)}
            </Button>
          ))}
          <Button small look="quiet" onClick={onClear}>
            {t('sessions.clear')}
          </Button>
        </div>
      )}
    </div>
  )
}

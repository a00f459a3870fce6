import type { ReactNode } from 'react'
import { useTrunkline } from '../../react/provider.js'

/** Names and values. What is not known is left out. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="facts">{children}</dl>
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (children === undefined) return null
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

/** One number that is seen from afar. */
export function BigNumber({ name, value, bad = false, of, swatch }: BigNumberProps) {
  const { t, format } = useTrunkline()
  return (
    <div className={bad ? 'big-number big-number-bad' : 'big-number'}>
      <strong title={format.number(value)}>
        {format.short(value)}
        {of === undefined ? null : <small> {t('say.ofLimit', { limit: format.number(of) })}</small>}
      </strong>
      {of === undefined ? null : (
        <span className="budget" aria-hidden>
          <span style={{ width: `${Math.min(100, (100 * value) / Math.max(1, of))}%` }} />
        </span>
      )}
      <span>
        {swatch === undefined ? null : <i className={`swatch swatch-${swatch}`} aria-hidden />}
        {name}
      </span>
    </div>
  )
}

interface BigNumberProps {
  name: string
  value: number
  bad?: boolean
  /** How much of it there may be: shown beside it, and as a bar. */
  of?: number | undefined
  /** Its colour in the chart below it. */
  swatch?: 'received' | 'sent' | 'failed'
}

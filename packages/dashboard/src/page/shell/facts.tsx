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
export function BigNumber({ name, value, bad = false }: { name: string; value: number; bad?: boolean }) {
  const { format } = useTrunkline()
  return (
    <div className={bad ? 'big-number big-number-bad' : 'big-number'}>
      <strong title={format.number(value)}>{format.short(value)}</strong>
      <span>{name}</span>
    </div>
  )
}

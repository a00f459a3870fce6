import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'

/** Stands where there is nothing, and says why and what can be done. */
export function Empty({
  icon: Icon,
  title,
  lead,
  children,
}: {
  icon: LucideIcon
  title: string
  lead?: string
  children?: ReactNode
}) {
  return (
    <div className="tl-empty">
      <span className="tl-empty-icon">
        <Icon size={22} aria-hidden />
      </span>
      <p className="tl-empty-title">{title}</p>
      {lead === undefined ? null : <p className="tl-empty-lead">{lead}</p>}
      {children}
    </div>
  )
}

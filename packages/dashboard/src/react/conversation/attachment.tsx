import type { LucideIcon } from 'lucide-react'

/** What a message has beside words, in one line with its picture. */
export function Attachment({ icon: Icon, title, detail }: { icon: LucideIcon; title: string; detail: string }) {
  return (
    <span className="tl-attachment">
      <span className="tl-attachment-icon">
        <Icon size={18} aria-hidden />
      </span>
      <span>
        <strong>{title}</strong>
        <span>{detail}</span>
      </span>
    </span>
  )
}

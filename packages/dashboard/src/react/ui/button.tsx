import type { LucideIcon } from 'lucide-react'
import type { ComponentProps } from 'react'
import { Spinner } from './spinner.js'

export interface ButtonProps extends Omit<ComponentProps<'button'>, 'className'> {
  look?: 'primary' | 'plain' | 'quiet' | 'danger'
  small?: boolean
  icon?: LucideIcon
  /** Shows that it is at work, and takes no second press. */
  busy?: boolean
}

export function Button({ look = 'plain', small = false, icon: Icon, busy = false, children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={`tl-button tl-button-${look}${small ? ' tl-small' : ''}`}
      disabled={rest.disabled === true || busy}
      aria-busy={busy || undefined}
    >
      {busy ? <Spinner /> : Icon ? <Icon size={small ? 15 : 16} aria-hidden /> : null}
      {children}
    </button>
  )
}

export interface IconButtonProps extends Omit<ComponentProps<'button'>, 'className' | 'children'> {
  icon: LucideIcon
  /** Its name, for those who do not see the picture and as a hint. */
  label: string
}

export function IconButton({ icon: Icon, label, ...rest }: IconButtonProps) {
  return (
    <button type="button" {...rest} className="tl-icon-button" aria-label={label} title={label}>
      <Icon size={18} aria-hidden />
    </button>
  )
}

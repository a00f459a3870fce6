import type { LucideIcon } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useId, useLayoutEffect, useRef, useState } from 'react'

export interface MenuItem {
  label: string
  icon?: LucideIcon
  danger?: boolean
  checked?: boolean
  onSelect(): void
}

export interface MenuProps {
  /** The name of the button, for those who do not see its picture. */
  label: string
  trigger: ReactNode
  items: readonly (MenuItem | 'line')[]
  look?: string
}

const GAP = 6

/** A button with a menu in the top layer: nothing clips it, Escape and a press elsewhere close it. */
export function Menu({ label, trigger, items, look = 'tl-icon-button' }: MenuProps) {
  const id = useId()
  const [open, setOpen] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const list = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    if (!open || !list.current || !button.current) return
    place(list.current, button.current)
    itemsOf(list.current)[0]?.focus()
  }, [open])
  return (
    <>
      <button
        ref={button}
        type="button"
        className={look}
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        popoverTarget={id}
      >
        {trigger}
      </button>
      <div
        ref={list}
        id={id}
        popover="auto"
        role="menu"
        tabIndex={-1}
        aria-label={label}
        className="tl-menu"
        onToggle={(event) => setOpen(event.newState === 'open')}
        onKeyDown={(event) => move(event, list.current)}
      >
        {open
          ? items.map((item, at) =>
              item === 'line' ? (
                // biome-ignore lint/suspicious/noArrayIndexKey: a line has nothing else to be known by.
                <hr key={at} className="tl-menu-line" />
              ) : (
                <button
                  key={item.label}
                  type="button"
                  role={item.checked === undefined ? 'menuitem' : 'menuitemradio'}
                  {...(item.checked === undefined ? {} : { 'aria-checked': item.checked })}
                  tabIndex={-1}
                  className={item.danger ? 'tl-menu-item tl-danger' : 'tl-menu-item'}
                  onClick={() => {
                    list.current?.hidePopover()
                    item.onSelect()
                  }}
                >
                  {item.icon ? <item.icon size={16} aria-hidden /> : null}
                  <span>{item.label}</span>
                  {item.checked ? <span className="tl-menu-check" aria-hidden /> : null}
                </button>
              ),
            )
          : null}
      </div>
    </>
  )
}

function itemsOf(list: HTMLElement | null): HTMLElement[] {
  return list ? [...list.querySelectorAll<HTMLElement>('[role^=menuitem]')] : []
}

/** Below the button, or above it where there is no room, and never outside of the window. */
function place(list: HTMLElement, button: HTMLElement): void {
  const at = button.getBoundingClientRect()
  const { offsetWidth: width, offsetHeight: height } = list
  const below = at.bottom + GAP + height <= window.innerHeight
  const left = Math.max(8, Math.min(at.right - width, window.innerWidth - width - 8))
  list.style.left = `${at.left < window.innerWidth / 2 ? Math.max(8, Math.min(at.left, window.innerWidth - width - 8)) : left}px`
  list.style.top = `${below ? at.bottom + GAP : Math.max(8, at.top - GAP - height)}px`
}

function move(event: KeyboardEvent, list: HTMLElement | null): void {
  const items = itemsOf(list)
  const at = items.findIndex((item) => item.matches(':focus'))
  const next = {
    ArrowDown: items[(at + 1) % items.length],
    ArrowUp: items[(at - 1 + items.length) % items.length],
    Home: items[0],
    End: items.at(-1),
  }[event.key]
  if (!next) return
  event.preventDefault()
  next.focus()
}

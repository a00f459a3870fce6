import type { LucideIcon } from 'lucide-react'
import {
  type ComponentProps,
  type KeyboardEvent,
  type ReactNode,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'

export interface MenuItem {
  label: string
  icon?: LucideIcon
  danger?: boolean
  checked?: boolean
  /** Shown in the place of the label, which is its name then. */
  picture?: string
  onSelect(): void
}

/** A line, one thing to choose, or several beside each other. */
export type MenuEntry = MenuItem | 'line' | { row: readonly MenuItem[] }

export interface MenuProps {
  /** The name of the button, for those who do not see its picture. */
  label: string
  trigger: ReactNode
  /** Asked for when it opens, where they change with time. */
  items: readonly MenuEntry[] | (() => readonly MenuEntry[])
  look?: string
  /** More of the button. */
  button?: Pick<ComponentProps<'button'>, 'tabIndex' | 'onKeyDown'>
}

const GAP = 6

/** A button with a menu in the top layer: nothing clips it, Escape and a press elsewhere close it. */
export function Menu({ label, trigger, items, look = 'tl-icon-button', button: more }: MenuProps) {
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
        {...more}
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
        {open ? (
          <Entries
            entries={typeof items === 'function' ? items() : items}
            onChosen={() => list.current?.hidePopover()}
          />
        ) : null}
      </div>
    </>
  )
}

function Entries({ entries, onChosen }: { entries: readonly MenuEntry[]; onChosen(): void }) {
  return entries.map((entry, at) => {
    // biome-ignore lint/suspicious/noArrayIndexKey: a line has nothing else to be known by.
    if (entry === 'line') return <hr key={at} className="tl-menu-line" />
    if ('row' in entry)
      return (
        // biome-ignore lint/suspicious/noArrayIndexKey: nor has a row.
        <div key={at} role="none" className="tl-menu-row">
          {entry.row.map((item) => (
            <Item key={item.label} item={item} onChosen={onChosen} />
          ))}
        </div>
      )
    return <Item key={entry.label} item={entry} onChosen={onChosen} />
  })
}

function Item({ item, onChosen }: { item: MenuItem; onChosen(): void }) {
  const { label, icon: Icon, danger, checked, picture, onSelect } = item
  return (
    <button
      type="button"
      role={checked === undefined ? 'menuitem' : 'menuitemradio'}
      {...(checked === undefined ? {} : { 'aria-checked': checked })}
      {...(picture === undefined ? {} : { 'aria-label': label, title: label })}
      tabIndex={-1}
      className={danger ? 'tl-menu-item tl-danger' : 'tl-menu-item'}
      onClick={() => {
        onChosen()
        onSelect()
      }}
    >
      {Icon ? <Icon size={16} aria-hidden /> : null}
      <span>{picture ?? label}</span>
      {checked && picture === undefined ? <span className="tl-menu-check" aria-hidden /> : null}
    </button>
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
    // Beside each other in a row; elsewhere as up and down.
    ArrowRight: items[(at + 1) % items.length],
    ArrowLeft: items[(at - 1 + items.length) % items.length],
    Home: items[0],
    End: items.at(-1),
  }[event.key]
  if (!next) return
  event.preventDefault()
  next.focus()
}

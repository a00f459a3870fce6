import { UserRound } from 'lucide-react'
import type { ReactNode } from 'react'

const HUES = 8

/** The first letters of a name on a colour that stays the same for it. Names are read beside it. */
export function Avatar({
  name,
  seed = name,
  badge,
  small = false,
}: {
  name: string
  seed?: string
  badge?: ReactNode
  small?: boolean
}) {
  return (
    <span className={`tl-avatar tl-hue-${hueOf(seed)}${small ? ' tl-avatar-small' : ''}`} aria-hidden>
      {name.startsWith('+') ? <UserRound size={small ? 15 : 19} /> : initialsOf(name)}
      {badge}
    </span>
  )
}

function initialsOf(name: string): string {
  const words = name.split(/[\s_\-.]+/).filter((word) => /[\p{L}\p{N}]/u.test(word))
  const letters = words.slice(0, 2).map((word) => [...word].find((letter) => /[\p{L}\p{N}]/u.test(letter)) ?? '')
  return letters.join('').toUpperCase() || '·'
}

function hueOf(seed: string): number {
  let hash = 0
  for (const letter of seed) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 9973
  return hash % HUES
}

import { UserRound } from 'lucide-react'
import { type ReactNode, type Ref, useState } from 'react'

const HUES = 8

/** A picture, or the first letters of a name on a colour that stays the same for it. Names are read beside it. */
export function Avatar({
  name,
  seed = name,
  badge,
  picture,
  small = false,
  ref,
}: {
  name: string
  seed?: string
  badge?: ReactNode
  /** Where it is; one that cannot be shown is as none. */
  picture?: string | undefined
  small?: boolean
  ref?: Ref<HTMLSpanElement>
}) {
  const [broken, setBroken] = useState<string>()
  return (
    <span ref={ref} className={`tl-avatar tl-hue-${hueOf(seed)}${small ? ' tl-avatar-small' : ''}`} aria-hidden>
      {picture !== undefined && picture !== broken ? (
        <img className="tl-avatar-picture" src={picture} alt="" onError={() => setBroken(picture)} />
      ) : name.startsWith('+') ? (
        <UserRound size={small ? 15 : 19} />
      ) : (
        initialsOf(name)
      )}
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

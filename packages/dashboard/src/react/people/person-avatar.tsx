import type { Client } from '@trunkline/client'
import { useEffect, useRef, useSyncExternalStore } from 'react'
import { useTrunkline } from '../provider.js'
import { Avatar } from '../ui/avatar.js'
import { PictureBook } from './picture-book.js'

const BOOKS = new WeakMap<Client, Map<string, PictureBook>>()

/** One for a session, whoever asks. */
function picturesOf(client: Client, sessionId: string): PictureBook {
  const books = BOOKS.get(client) ?? new Map<string, PictureBook>()
  BOOKS.set(client, books)
  const book = books.get(sessionId) ?? new PictureBook(client, sessionId)
  books.set(sessionId, book)
  return book
}

export interface PersonAvatarProps {
  sessionId: string
  /** Of a person or a group. */
  id: string
  name: string
  small?: boolean
}

/** The picture of a person or a group, once its place is seen; the first letters of the name until then, and where there is none. */
export function PersonAvatar({ sessionId, id, name, small = false }: PersonAvatarProps) {
  const { client, pictures } = useTrunkline()
  const place = useRef<HTMLSpanElement>(null)
  const book = picturesOf(client, sessionId)
  useEffect(() => {
    if (!pictures || !place.current) return
    const watcher = new IntersectionObserver((seen) => {
      if (seen.at(-1)?.isIntersecting) book.want(id)
      else book.leave(id)
    })
    watcher.observe(place.current)
    return () => {
      watcher.disconnect()
      book.leave(id)
    }
  }, [book, id, pictures])
  const picture = useSyncExternalStore(book.subscribe, () => (pictures ? book.pictureOf(id) : undefined))
  return <Avatar ref={place} small={small} name={name} seed={id} picture={picture} />
}

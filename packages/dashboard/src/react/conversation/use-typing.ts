import { useEffect, useMemo, useState } from 'react'
import { useTrunkline } from '../provider.js'

/** Phones tell it again about this often; one that said nothing for longer has gone. */
const HEARD_MS = 15_000
const TELL_AGAIN_MS = 8_000
const PAUSE_MS = 4_000

/** Somebody who writes, or speaks, right now. */
export interface Typing {
  senderId: string
  state: 'composing' | 'recording'
}

/** Who of the other side types now. */
export function useTyping(sessionId: string, chatId: string): Typing | undefined {
  const { client } = useTrunkline()
  const [typing, setTyping] = useState<Typing>()
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const stop = () => {
      clearTimeout(timer)
      setTyping(undefined)
    }
    const offs = [
      client.events.on('presence', (event) => {
        if (event.sessionId !== sessionId || event.chatId !== chatId) return
        stop()
        if (event.state !== 'composing' && event.state !== 'recording') return
        setTyping({ senderId: event.senderId, state: event.state })
        timer = setTimeout(stop, HEARD_MS)
      }),
      client.events.on('message', ({ message }) => {
        if (message.sessionId === sessionId && message.chatId === chatId) stop()
      }),
    ]
    return () => {
      for (const off of offs) off()
      stop()
    }
  }, [client, sessionId, chatId])
  return typing
}

/** Tells the other side that somebody types here, and that they no longer do. It is a courtesy: nobody hears that it failed. */
export function useTellTyping(sessionId: string, chatId: string): { typed(): void; stopped(): void } {
  const { client } = useTrunkline()
  const teller = useMemo(() => {
    let toldAt = Number.NEGATIVE_INFINITY
    let timer: ReturnType<typeof setTimeout> | undefined
    const tell = (state: 'composing' | 'paused') => {
      client.chats.sendPresence(sessionId, chatId, { state }).catch(() => {})
    }
    const stopped = () => {
      clearTimeout(timer)
      if (toldAt !== Number.NEGATIVE_INFINITY) tell('paused')
      toldAt = Number.NEGATIVE_INFINITY
    }
    const typed = () => {
      clearTimeout(timer)
      timer = setTimeout(stopped, PAUSE_MS)
      if (Date.now() - toldAt < TELL_AGAIN_MS) return
      toldAt = Date.now()
      tell('composing')
    }
    return { typed, stopped }
  }, [client, sessionId, chatId])
  useEffect(() => () => teller.stopped(), [teller])
  return teller
}

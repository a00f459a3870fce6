import type { BaileysEventMap, WASocket } from '@whiskeysockets/baileys'

/** Called with what Baileys emits, when it emits it. */
export type EventTaps = { [Name in keyof BaileysEventMap]?: (data: BaileysEventMap[Name]) => void }

/**
 * Hears Baileys' events as they are emitted, before its event buffer. The buffer holds messages back for up to 30 s (after a
 * login, while it waits for a history that does not come), and throws away what it holds when the socket closes, although
 * the server was told that those messages arrived. Everything inside Baileys emits through this one object.
 */
export function tapEvents(socket: WASocket, taps: EventTaps, onError: (error: unknown) => void): void {
  const emit = socket.ev.emit.bind(socket.ev)
  socket.ev.emit = (name, data) => {
    try {
      taps[name]?.(data as never)
    } catch (error) {
      onError(error)
    }
    // Nobody hears it behind us, and to merge its messages one by one is the longest block of all that Baileys does.
    return name === 'messaging-history.set' ? true : emit(name, data)
  }
}

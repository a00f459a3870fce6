import type { AuthenticationCreds, BaileysEventMap, BinaryNode, WASocket } from '@whiskeysockets/baileys'
import type { ConnectionEvents } from './connection-events.js'
import { tapEvents } from './event-tap.js'

/** What a connection does itself about what its socket says. */
export interface SocketHooks {
  /** The server was reached. */
  reached(): void
  /** A stanza has come, whichever; before there are any the two sides agree on keys. */
  heard(): void
  /** The server refused the connection before it began. `statusCode`: of HTTP. */
  refused(statusCode: number | undefined): void
  /** The server lets the account in. */
  loggedIn(stanza: BinaryNode): void
  /** A message has come; answers whether Baileys gets it. */
  messageArriving(stanza: BinaryNode): boolean
  /** Another device of the account has changed its app state. */
  appStateChanged(stanza: BinaryNode): void
  /** Somebody has other devices than before. */
  devicesChanged(stanza: BinaryNode): void
  /** Somebody could not read a message of ours, and asks for it again. */
  askedAgain(stanza: BinaryNode): void
  /** The server links the device; Baileys signs that next, in the same turn. */
  linking(stanza: BinaryNode): void
  /** Baileys has signed the link. */
  linked(): void
  updated(update: BaileysEventMap['connection.update']): void
  /** The server refused a message because the account may begin no conversation, or has no token of the person: it does not say which. */
  reachOutRefused(): void
  /** The credentials have changed, and are to be stored. */
  credsChanged(update: Partial<AuthenticationCreds>): void
  /** A hook, or a translation, has failed. */
  failed(cause: unknown): void
}

const MESSAGE = 'CB:message'
const REACH_OUT_REFUSED = '463'

type Listeners = Record<string, (stanza: BinaryNode) => void>

/**
 * All that is listened to of a Baileys socket. Its own events are translated by the table of `ConnectionEvents`; stanzas are heard
 * here, where Baileys says nothing of them, or too late.
 */
export function hearSocket(socket: WASocket, events: ConnectionEvents, hooks: SocketHooks): void {
  const beforeBaileys: Listeners = {
    'CB:success': hooks.loggedIn,
    'CB:notification,type:devices': hooks.devicesChanged,
    'CB:receipt,type:retry': hooks.askedAgain,
    'CB:notification,type:w:gp2': (stanza) => events.groupNotice(stanza),
    'CB:notification,type:picture': (stanza) => events.groupNotice(stanza),
    'CB:iq,type:set,pair-device': (stanza) => events.pairDevice(stanza),
    'CB:iq,,pair-success': hooks.linking,
  }
  const afterBaileys: Listeners = {
    'CB:notification,type:server_sync': hooks.appStateChanged,
    'CB:ack,class:message': (stanza) => {
      events.ack(stanza)
      if (stanza.attrs.error === REACH_OUT_REFUSED) hooks.reachOutRefused()
    },
    // WhatsApp asks some accounts for a passkey before it links, in these two steps (WhiskeySockets/Baileys#2672). Baileys
    // acknowledges both and does nothing, so the phone would wait for ever.
    'CB:notification,type:passkey_prologue_request': () => events.passkey(),
    'CB:notification,type:crsc_continuation': () => events.passkey(),
  }
  tapEvents(socket, { ...events.taps, 'connection.update': hooks.updated }, hooks.failed)
  // By listeners and not by taps: Baileys changes the credentials in a listener of its own, which is before these.
  socket.ev.on('creds.update', hooks.credsChanged)
  socket.ev.on('connection.update', ({ isNewLogin }) => {
    if (isNewLogin) hooks.linked()
  })
  const handlers = socket.ws.listeners(MESSAGE)
  socket.ws.removeAllListeners(MESSAGE)
  socket.ws.on(MESSAGE, (stanza: BinaryNode) => {
    if (hooks.messageArriving(stanza)) for (const handle of handlers) handle(stanza)
  })
  for (const [stanza, listener] of Object.entries(beforeBaileys)) socket.ws.prependListener(stanza, listener)
  for (const [stanza, listener] of Object.entries(afterBaileys)) socket.ws.on(stanza, listener)
  socket.ws.on('open', hooks.reached)
  socket.ws.on('frame', (frame: BinaryNode | Uint8Array) => {
    if (!(frame instanceof Uint8Array)) hooks.heard()
  })
  // Baileys hands this event on, and with that switches off ws's own error: without us the socket would wait for ever.
  socket.ws.on('unexpected-response', (_request: unknown, response: { statusCode?: number }) =>
    hooks.refused(response.statusCode),
  )
}

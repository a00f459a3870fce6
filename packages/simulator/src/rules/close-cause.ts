import { type BinaryNode, node } from '../wire/node.js'

/**
 * How the server ends a connection. `code` alone is `<stream:error code>`; every reason is a row of WhatsApp's
 * disconnect table. After the stanza, if there is one, the client has 1.5 s to close before the server does.
 */
export type CloseReason =
  /** The same device has connected elsewhere. Baileys: 440. */
  | 'replaced'
  /** The device was unlinked. Baileys: 401. */
  | 'device_removed'
  /** A removal without code 401, as it is seen now and then. Baileys: 440, `error.data.attrs.type` says the rest. */
  | 'device_removed_without_code'
  /** Baileys: 500. */
  | 'xml-not-well-formed'
  /** Baileys: 500. */
  | 'ack'
  /** Baileys: 428 "Connection Terminated by Server". */
  | 'stream-end'
  /** Baileys: 411. */
  | 'downgrade'
  /** WebSocket close 1000 without a word. Baileys: 428. */
  | 'socket-close'
  /** TCP reset without a word. Baileys: 428. */
  | 'kill'

export type CloseCause = { code: number } | { reason: CloseReason }

export const CLOSE_REASONS = [
  'replaced',
  'device_removed',
  'device_removed_without_code',
  'xml-not-well-formed',
  'ack',
  'stream-end',
  'downgrade',
  'socket-close',
  'kill',
] as const satisfies readonly CloseReason[]

/** The stanza that announces the end, if there is one. */
export function closingNode(cause: CloseCause): BinaryNode | undefined {
  if ('code' in cause) return node('stream:error', { code: String(cause.code) })
  switch (cause.reason) {
    case 'replaced':
      return node('stream:error', {}, [node('conflict', { type: 'replaced' })])
    case 'device_removed':
      return node('stream:error', { code: '401' }, [node('conflict', { type: 'device_removed' })])
    case 'device_removed_without_code':
      return node('stream:error', {}, [node('conflict', { type: 'device_removed' })])
    case 'xml-not-well-formed':
      return node('stream:error', {}, [node('xml-not-well-formed')])
    case 'ack':
      return node('stream:error', {}, [node('ack', { id: '0' })])
    case 'stream-end':
      return node('xmlstreamend')
    case 'downgrade':
      return node('ib', {}, [node('downgrade_webclient')])
    case 'socket-close':
    case 'kill':
      return undefined
  }
}

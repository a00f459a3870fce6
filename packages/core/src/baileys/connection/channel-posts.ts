import type { proto, WASocket } from '@whiskeysockets/baileys'
import type { ConnectionEvent } from '../../ports/connector.js'
import type { Jid } from '../../types/jid.js'
import { BoundedMap } from '../../util/bounded-map.js'
import { channelPost } from '../translate/channel-post.js'

const MAX_UNANSWERED = 1_000

/** What is posted in channels, and what is done to posts, over one connection. */
export class ChannelPosts {
  readonly #handleOf: (directPath: string) => string | undefined
  /** What was done to posts and is not answered: by the id of the post, the id that it is known by here. */
  readonly #unanswered = new BoundedMap<string, string>({ max: MAX_UNANSWERED })

  /** `handleOf`: what a media host calls a file that was brought to a channel. */
  constructor(handleOf: (directPath: string) => string | undefined) {
    this.#handleOf = handleOf
  }

  async send({ id, to }: { id: string; to: Jid }, message: proto.IMessage, socket: WASocket): Promise<void> {
    const stanza = channelPost({ id, to }, message, this.#handleOf)
    if (stanza.attrs.id && stanza.attrs.id !== id) this.#unanswered.set(stanza.attrs.id, id)
    await socket.sendNode(stanza)
  }

  /** The server answers by the id of the post, also where something is done to one: the event by the id that it is known by here. */
  underOwnId(event: ConnectionEvent): ConnectionEvent {
    const id = event.type === 'ack' ? this.#unanswered.get(event.id) : undefined
    if (event.type !== 'ack' || id === undefined) return event
    this.#unanswered.delete(event.id)
    return { ...event, id }
  }
}

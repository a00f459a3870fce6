import { mayLink, qrDataUrl } from '@trunkline/api'
import { SECRET_EVENTS } from '@trunkline/contract'
import type { EventName, EventOf, Logger } from '@trunkline/core'
import type { Namespace } from 'socket.io'
import { wants } from './admission.js'
import type { Member } from './member.js'
import type { Replay } from './replay.js'
import { roomOf, VIEWERS } from './rooms.js'

export interface DeliveryOptions {
  namespace: Namespace
  members: ReadonlyMap<string, Member>
  logger: Pick<Logger, 'error'> | undefined
}

/** Brings live events to the rooms of their sessions, and to those who are still catching up. */
export class Delivery {
  readonly #options: DeliveryOptions
  /** By session, the end of what is on its way. */
  readonly #underWay = new Map<string, Promise<void>>()
  /** By session, who has not caught up with it yet. */
  readonly #behind = new Map<string, Map<Member, Replay>>()

  constructor(options: DeliveryOptions) {
    this.#options = options
  }

  /** Events of a session leave in the order they happened, also while the image of a QR is drawn. */
  announce(name: EventName, event: EventOf<EventName>): void {
    const { sessionId } = event
    const before = this.#underWay.get(sessionId)
    const task = async () => {
      this.#deliver(name, name === 'qr' ? await withImage(event as EventOf<'qr'>) : event)
    }
    if (!before && name !== 'qr') return void this.#guarded(task)
    const delivery = (before ?? Promise.resolve()).then(() => this.#guarded(task))
    this.#underWay.set(sessionId, delivery)
    void delivery.then(() => {
      if (this.#underWay.get(sessionId) === delivery) this.#underWay.delete(sessionId)
    })
  }

  /** From now on the member gets what happens to the session by its replay, until that has caught up. */
  holdBack(member: Member, sessionId: string, replay: Replay): void {
    const behind = this.#behind.get(sessionId) ?? new Map<Member, Replay>()
    this.#behind.set(sessionId, behind.set(member, replay))
  }

  /** Ends what the member was catching up with: all of it, or what it may not see any more. */
  forget(member: Member, isOver: (sessionId: string) => boolean = () => true): void {
    for (const sessionId of this.#behind.keys()) if (isOver(sessionId)) this.#release(member, sessionId)
  }

  #deliver(name: EventName, event: EventOf<EventName>): void {
    const { namespace, members } = this.#options
    const { sessionId } = event
    const room = roomOf(sessionId)
    if (name === 'session.created') {
      for (const member of members.values()) if (wants(member, sessionId)) void member.socket.join(room)
    }
    const behind = [...(this.#behind.get(sessionId) ?? [])]
    const secret = SECRET_EVENTS.some((each) => each === name)
    const apart = [...behind.map(([{ socket }]) => socket.id), ...(secret ? [VIEWERS] : [])]
    // Every node hears every event: a host whose namespace spans several must not have each of them send it to all.
    namespace.local.to(room).except(apart).emit(name, event)
    for (const [member, replay] of behind) {
      if (!secret || mayLink(member.principal)) replay.live(name, event)
      if (replay.joined) this.#release(member, sessionId)
    }
    if (name === 'session.deleted') namespace.local.in(room).socketsLeave(room)
  }

  #release(member: Member, sessionId: string): void {
    const behind = this.#behind.get(sessionId)
    const replay = behind?.get(member)
    if (!behind || !replay) return
    if (!replay.joined) replay.stop()
    behind.delete(member)
    if (behind.size === 0) this.#behind.delete(sessionId)
  }

  #guarded(task: () => Promise<void>): Promise<void> {
    return task().catch((err) => this.#options.logger?.error({ err }, 'An event could not be sent to sockets'))
  }
}

async function withImage(event: EventOf<'qr'>): Promise<EventOf<'qr'>> {
  return { ...event, image: await qrDataUrl(event.qr) }
}

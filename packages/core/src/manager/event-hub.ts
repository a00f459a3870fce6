import type { Logger } from '../ports/logger.js'
import type { EventName, EventOf } from '../types/events.js'
import { GuardedEmitter } from '../util/guarded-emitter.js'

/** The events by name, each with its envelope. */
export type ManagerEvents = { [Name in EventName]: EventOf<Name> }

/** Which events `onAny` hears: those that arise in this process, or those of all nodes. */
export const EVENT_SCOPES = ['node', 'cluster'] as const
/** One of `EVENT_SCOPES`. */
export type EventScope = (typeof EVENT_SCOPES)[number]

interface AnyEvent {
  name: EventName
  event: EventOf<EventName>
}

/** Hands events to the listeners of this process, by name and all together. A listener that fails is reported and stops nothing. */
export class EventHub {
  readonly #byName: GuardedEmitter<ManagerEvents>
  readonly #everything: GuardedEmitter<{ event: AnyEvent }>

  constructor(logger: Logger) {
    const onError = (error: unknown, name: string) =>
      logger.error({ err: error, event: name }, 'A listener failed; the session goes on')
    this.#byName = new GuardedEmitter(onError)
    this.#everything = new GuardedEmitter(onError)
  }

  on<Name extends EventName>(name: Name, listener: (event: EventOf<Name>) => unknown): void {
    this.#byName.on(name, listener as (event: ManagerEvents[Name]) => unknown)
  }

  once<Name extends EventName>(name: Name, listener: (event: EventOf<Name>) => unknown): void {
    this.#byName.once(name, listener as (event: ManagerEvents[Name]) => unknown)
  }

  off<Name extends EventName>(name: Name, listener: (event: EventOf<Name>) => unknown): void {
    this.#byName.off(name, listener as (event: ManagerEvents[Name]) => unknown)
  }

  /** The answer takes the listener off. */
  onAny(listener: (name: EventName, event: EventOf<EventName>) => unknown): () => void {
    const each = ({ name, event }: AnyEvent) => listener(name, event)
    this.#everything.on('event', each)
    return () => this.#everything.off('event', each)
  }

  emit<Name extends EventName>(name: Name, event: EventOf<Name>): void {
    this.#byName.emit(name, event as ManagerEvents[Name])
    this.#everything.emit('event', { name, event: event as EventOf<EventName> })
  }

  clear(): void {
    this.#byName.removeAllListeners()
    this.#everything.removeAllListeners()
  }
}

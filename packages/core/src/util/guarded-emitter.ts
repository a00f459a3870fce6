import { EventEmitter } from 'eventemitter3'

type Listener<Payload> = (payload: Payload) => unknown

/**
 * An emitter whose listeners cannot hurt it: what one throws, or rejects with later, goes to `onError`, and the others are
 * still called. (eventemitter3 itself stops at the first listener that throws.)
 */
export class GuardedEmitter<Events extends object> {
  readonly #emitter = new EventEmitter<string>()
  /** By listener, then event: what is reported names the event. */
  readonly #guards = new WeakMap<object, Map<string, (payload: unknown) => void>>()
  readonly #onError: (error: unknown, name: string) => void

  constructor(onError: (error: unknown, name: string) => void) {
    this.#onError = onError
  }

  on<Name extends keyof Events & string>(name: Name, listener: Listener<Events[Name]>): void {
    this.#emitter.on(name, this.#guard(name, listener))
  }

  once<Name extends keyof Events & string>(name: Name, listener: Listener<Events[Name]>): void {
    this.#emitter.once(name, this.#guard(name, listener))
  }

  off<Name extends keyof Events & string>(name: Name, listener: Listener<Events[Name]>): void {
    const guard = this.#guards.get(listener)?.get(name)
    if (guard) this.#emitter.off(name, guard)
  }

  emit<Name extends keyof Events & string>(name: Name, payload: Events[Name]): void {
    this.#emitter.emit(name, payload)
  }

  removeAllListeners(): void {
    this.#emitter.removeAllListeners()
  }

  #guard<Payload>(name: string, listener: Listener<Payload>): (payload: unknown) => void {
    const guards = this.#guards.get(listener) ?? new Map<string, (payload: unknown) => void>()
    this.#guards.set(listener, guards)
    const known = guards.get(name)
    if (known) return known
    const guard = (payload: unknown) => {
      try {
        const result = listener(payload as Payload)
        if (result instanceof Promise) result.catch((error: unknown) => this.#onError(error, name))
      } catch (error) {
        this.#onError(error, name)
      }
    }
    guards.set(name, guard)
    return guard
  }
}

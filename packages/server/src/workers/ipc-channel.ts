import type { EventEmitter } from 'node:events'
import type { IpcMessage } from './ipc-messages.js'

/** The pipe between a primary and one of its workers, seen from either end. Messages arrive in order, or not at all. */
export interface IpcChannel {
  readonly isOpen: boolean
  /** What the other end has not taken yet. */
  readonly waitingBytes: number
  /** Lost without a trace when the other end is gone. */
  send(message: IpcMessage): void
  onMessage(hear: (message: IpcMessage) => void): () => void
  onClose(hear: () => void): () => void
}

/** `process` in a worker, and the process of a worker in its primary. */
type Pipe = Pick<EventEmitter, 'on' | 'off'> & {
  connected?: boolean
  send?(message: unknown, handle: undefined, options: undefined, sent: (error: Error | null) => void): boolean
}

/** Under this name, so that others may talk over the same pipe. */
const MARK = 'trunkline'

/** Needs the serialization `advanced`: bytes stay bytes. */
export function ipcChannel(pipe: Pipe): IpcChannel {
  return new Channel(pipe)
}

class Channel implements IpcChannel {
  readonly #pipe: Pipe
  #waitingBytes = 0

  constructor(pipe: Pipe) {
    this.#pipe = pipe
  }

  get isOpen(): boolean {
    return this.#pipe.connected === true
  }

  get waitingBytes(): number {
    return this.#waitingBytes
  }

  send(message: IpcMessage): void {
    if (!this.isOpen) return
    const bytes = 'data' in message ? message.data.byteLength : 0
    this.#waitingBytes += bytes
    // A pipe that breaks says so here, and to those that listen for its close.
    this.#pipe.send?.({ [MARK]: message }, undefined, undefined, () => {
      this.#waitingBytes -= bytes
    })
  }

  onMessage(hear: (message: IpcMessage) => void): () => void {
    return this.#on('message', (given: unknown) => {
      if (typeof given === 'object' && given !== null && MARK in given) hear(given[MARK] as IpcMessage)
    })
  }

  onClose(hear: () => void): () => void {
    return this.#on('disconnect', hear)
  }

  #on(event: string, listener: (given: unknown) => void): () => void {
    this.#pipe.on(event, listener)
    return () => this.#pipe.off(event, listener)
  }
}

import type { BusAnswer } from '@trunkline/core/store'

/** What a worker and its primary say to each other about the bus. */
export type BusMessage =
  /** From a worker. */
  | { kind: 'join' | 'leave'; id: number; as: Part; topic: string }
  | { kind: 'ask'; id: number; topic: string; data: Uint8Array }
  | { kind: 'reply'; asker: string; id: number; answer: BusAnswer | undefined }
  | { kind: 'tell'; topic: string; data: Uint8Array }
  | { kind: 'quit' }
  /** To a worker; `tell` too. */
  | { kind: 'known'; id: number }
  | { kind: 'question'; asker: string; id: number; topic: string; data: Uint8Array }
  | { kind: 'answered'; id: number; answer: BusAnswer }

/** What they say about the worker itself. */
export type LifeMessage =
  /** From a worker: it serves; and it has freed what a node held that has ended. */
  | { kind: 'listening'; url: string }
  | { kind: 'buried'; node: string }
  /** To a worker: a node has ended; and it is to end itself. */
  | { kind: 'gone'; node: string }
  | { kind: 'end' }

export type IpcMessage = BusMessage | LifeMessage

/** Who answers questions on a topic, or listens to it. */
export type Part = 'answerer' | 'listener'

/** Whether a topic is that of the pattern: `event.*` has all that begin alike. */
export function fits(pattern: string, topic: string): boolean {
  return pattern.endsWith('.*') ? topic.startsWith(pattern.slice(0, -1)) : pattern === topic
}

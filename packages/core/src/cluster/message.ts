import { ERRORS, type ErrorCode } from '../errors/codes.js'
import { TrunklineError } from '../errors/trunkline-error.js'
import type { BusTopic } from '../ports/cluster-bus.js'
import type { SessionCommand } from '../session/commands.js'
import type { EventName, EventOf } from '../types/events.js'

/** Of what nodes say to each other. A node that does not know the version of a message does nothing with it. */
const VERSION = 1

/** Asks the node that runs a session to carry a command out. */
export interface CommandQuestion {
  /** Of this question and no other. */
  id: string
  /** By the time of the leases: whoever asks does not wait for what has not begun by then. */
  beginBy: number
  sessionId: string
  command: SessionCommand
  /** Under which the bytes of a file are in the store that both nodes share. */
  mediaId?: string
}

/**
 * Asks a node about sessions as a whole. `take`: will it take this one? `taken`: it is free now. `move`: it is to give this one away.
 * `drain`: it is to give all away. `spare`: has it more than so many, and one of them for a node that has fewer?
 */
export type NodeQuestion =
  | { about: 'take' | 'taken'; sessionId: string }
  | { about: 'move'; sessionId: string; to: string }
  | { about: 'drain' }
  | { about: 'spare'; to: string; above: number }

/** Asks a node that takes its time whether it is at the command. Its answer came before it said that it is not, or never will. */
export interface Ping {
  about: 'ping'
  /** Of the question. */
  id: string
}

/** `unknown`: the node does not understand the question. `late`: it came too late, and nothing was done. `failed`: what the command threw there. */
export type CommandReply =
  | { kind: 'done'; result?: unknown }
  | { kind: 'failed'; error: ErrorText }
  | { kind: 'late' }
  | { kind: 'unknown' }

interface ErrorText {
  code: string
  message: string
  details?: unknown
}

/** An event of another node; without `event` it was too large, and is in the log. */
export interface EventNews {
  sessionId: string
  name: EventName
  event?: EventOf<EventName>
}

/** A session that was not running runs now. */
export interface SessionNews {
  sessionId: string
}

/** Where the news is the topic. */
type NoNews = Record<never, never>

type ClusterMessage = CommandQuestion | NodeQuestion | Ping | CommandReply | EventNews | SessionNews | NoNews

export function encodeMessage(message: ClusterMessage): Uint8Array {
  return Buffer.from(JSON.stringify({ v: VERSION, ...message }))
}

/** A reply: errors may be anywhere in a result, as with what came of each of many. */
export function encodeReply(reply: CommandReply): Uint8Array {
  const spelled = (_key: string, value: unknown) =>
    TrunklineError.is(value) ? { [ERROR_INSIDE]: errorText(value) } : value
  return Buffer.from(JSON.stringify({ v: VERSION, ...reply }, spelled))
}

/** `undefined` as `decodeMessage`. */
export function decodeReply(data: Uint8Array): CommandReply | undefined {
  const reply = decodeMessage<CommandReply>(data)
  return reply?.kind === 'done' ? { ...reply, result: withErrors(reply.result) } : reply
}

function withErrors(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withErrors)
  if (typeof value !== 'object' || value === null) return value
  if (ERROR_INSIDE in value) return errorFrom(value[ERROR_INSIDE] as ErrorText)
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withErrors(each)]))
}

/** No field of anything has this name. */
const ERROR_INSIDE = '#error'

/** `undefined` for what another version has written, or nobody. */
export function decodeMessage<Kind extends ClusterMessage>(data: Uint8Array): Kind | undefined {
  try {
    const message: unknown = JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString())
    const isKnown = typeof message === 'object' && message !== null && 'v' in message && message.v === VERSION
    return isKnown ? (message as unknown as Kind) : undefined
  } catch {
    return undefined
  }
}

/** What a node answers for an error: its cause stays there. */
export function errorText(error: unknown): ErrorText {
  if (!TrunklineError.is(error)) return { code: 'INTERNAL', message: ERRORS.INTERNAL.message }
  const { code, message, details } = error
  return { code, message, ...(details === undefined ? {} : { details }) }
}

/** The error that another node answered; INTERNAL for a code that only a newer version has. */
export function errorFrom({ code, message, details }: ErrorText): TrunklineError {
  if (!Object.hasOwn(ERRORS, code)) return new TrunklineError('INTERNAL', { message })
  // The other node has made it of the same class.
  const given = { message, ...(details === undefined ? {} : { details }) } as { message: string }
  return new TrunklineError(code as ErrorCode, given as never)
}

/** Where the node of this name answers. Names may have letters that topics may not. */
export function topicOfNode(node: string): BusTopic {
  return `node.${/^[A-Za-z0-9_-]+$/.test(node) ? node : `0x${Buffer.from(node).toString('hex')}`}`
}

/** Where the events of a session are told. */
export function topicOfEvents(sessionId: string): BusTopic {
  return `event.${sessionId}`
}

export const EVERY_EVENT = 'event.*'

/** Of a topic of events. */
export function sessionOfEvents(topic: string): string {
  return topic.slice('event.'.length)
}

/** Where a node tells that it is back: what it told meanwhile was heard by nobody. */
export const RETURNED_NODES = 'nodes.returned'
/** Where nodes tell that a session runs which did not before. */
export const STARTED_SESSIONS = 'sessions.started'
/** Where nodes tell that sessions are free. */
export const FREE_SESSIONS = 'sessions.free'

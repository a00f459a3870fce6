import type { BinaryNode, WASocket } from '@whiskeysockets/baileys'
import type { ErrorCode } from '../../errors/codes.js'
import { TrunklineError } from '../../errors/trunkline-error.js'

export interface Question {
  /** What is asked, as the end of a sentence: `who is in a group`. */
  about: string
  /** Of the `iq`, but its id; `to` is WhatsApp itself unless given. */
  attrs: { type: 'get' | 'set'; xmlns: string; to?: string; target?: string }
  content?: BinaryNode[]
  /** What WhatsApp's numbers mean here; see `refusalOf`. */
  refusals?: Refusals
}

/** Our code for each number of WhatsApp's that has a meaning of its own. */
export type Refusals = Readonly<Record<number, PlainCode | undefined>>

type PlainCode = Extract<
  ErrorCode,
  `GROUP_${string}` | 'WHATSAPP_RATE_LIMITED' | 'SERVICE_UNAVAILABLE' | 'PICTURE_INVALID' | 'CONTACT_NOT_FOUND'
>

/**
 * Asks WhatsApp, and answers the whole result. In place of Baileys' own methods where those take silence for success: after a minute
 * without an answer a query of Baileys resolves to nothing.
 *
 * @throws CONNECTION_LOST when the server was silent, and what the table makes of a refusal
 */
export async function ask(
  socket: Pick<WASocket, 'query'>,
  { about, attrs, content, refusals = {} }: Question,
): Promise<BinaryNode> {
  let answer: BinaryNode | undefined
  try {
    answer = await socket.query({
      tag: 'iq',
      attrs: { to: '@s.whatsapp.net', ...attrs },
      ...(content ? { content } : {}),
    })
  } catch (cause) {
    throw refusalOf(cause, refusals) ?? silence(about, cause)
  }
  if (!answer) throw silence(about)
  return answer
}

/** What an error of WhatsApp is to a caller; `undefined` when it is none, as at the end of a connection. */
export function refusalOf(cause: unknown, refusals: Refusals): TrunklineError | undefined {
  const statusCode = cause instanceof Error && 'data' in cause ? cause.data : undefined
  if (typeof statusCode !== 'number') return undefined
  const code = refusals[statusCode] ?? EVERYWHERE[statusCode]
  if (code) return new TrunklineError(code, { cause })
  return new TrunklineError('WHATSAPP_REFUSED', {
    message: `WhatsApp refused this (${statusCode})`,
    details: { statusCode },
    cause,
  })
}

/** What WhatsApp's numbers mean whatever is asked. */
const EVERYWHERE: Refusals = {
  429: 'WHATSAPP_RATE_LIMITED',
  500: 'SERVICE_UNAVAILABLE',
  503: 'SERVICE_UNAVAILABLE',
}

function silence(about: string, cause?: unknown): TrunklineError<'CONNECTION_LOST'> {
  return new TrunklineError('CONNECTION_LOST', { message: `WhatsApp did not answer ${about}`, cause })
}

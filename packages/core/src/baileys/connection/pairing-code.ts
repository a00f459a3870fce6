import { type BinaryNode, getBinaryNodeChild, type WASocket } from '@whiskeysockets/baileys'
import { TrunklineError } from '../../errors/trunkline-error.js'
import type { Clock } from '../../ports/clock.js'

const ANSWER_TIMEOUT_MS = 15_000
/** WhatsApp seldom says for how long it limits. */
const LIMITED_FOR_SECONDS = 60

type PairingSocket = Pick<WASocket, 'generateMessageTag' | 'requestPairingCode' | 'waitForMessage'>

/**
 * A code that WhatsApp has taken. Baileys sends the request without waiting for its answer, so that a refused code looks as
 * valid as any: the answer is waited for here. It carries the id of the request, which Baileys draws in the same turn, next
 * after the one drawn here.
 *
 * @throws PAIRING_CODE_FAILED
 */
export async function requestPairingCode(
  socket: PairingSocket,
  phone: string,
  clock: Pick<Clock, 'now'>,
): Promise<string> {
  const answer = socket.waitForMessage<BinaryNode | undefined>(tagAfter(socket.generateMessageTag()), ANSWER_TIMEOUT_MS)
  const [code, answered] = await Promise.all([socket.requestPairingCode(phone), answer])
  const failure = pairingFailure(answered, clock.now())
  if (failure) throw failure
  return code
}

/** Why there is no code; `undefined` when WhatsApp has taken it. Pure; `now`: milliseconds since 1970. */
export function pairingFailure(
  answer: BinaryNode | undefined,
  now: number,
): TrunklineError<'PAIRING_CODE_FAILED'> | undefined {
  if (!answer) {
    const details = { reason: 'no-answer' }
    return new TrunklineError('PAIRING_CODE_FAILED', { message: 'WhatsApp did not answer', details })
  }
  const refusal = getBinaryNodeChild(answer, 'error')
  if (!refusal && answer.attrs.type !== 'error') return undefined
  const { code, text, backoff } = refusal?.attrs ?? {}
  const statusCode = Number(code) || undefined
  const reason = text || 'refused'
  const seconds = Number(backoff) > 0 ? Number(backoff) : LIMITED_FOR_SECONDS
  const limited = statusCode === 429 || Number(backoff) > 0
  return new TrunklineError('PAIRING_CODE_FAILED', {
    message: `WhatsApp refused to make a pairing code (${statusCode ?? 'error'} ${reason})`,
    details: {
      reason,
      ...(statusCode ? { statusCode } : {}),
      ...(limited ? { retryAt: new Date(now + seconds * 1000).toISOString() } : {}),
    },
  })
}

function tagAfter(tag: string): string {
  return tag.replace(/\d+$/, (count) => String(Number(count) + 1))
}

import { TrunklineError } from '../../errors/trunkline-error.js'

/**
 * What a query of Baileys was answered. After a minute of silence a query of Baileys resolves to nothing, and whatever waits for it
 * inside Baileys reads a field of that.
 *
 * @param about what was asked, as the end of a sentence: `who may see what was read`
 * @throws CONNECTION_LOST when the server was silent, and what Baileys throws when the server refuses
 */
export async function answered<Answer>(about: string, query: Promise<Answer>): Promise<NonNullable<Answer>> {
  let answer: Answer
  try {
    answer = await query
  } catch (cause) {
    if (cause instanceof TypeError) throw silence(about, cause)
    throw cause
  }
  if (answer === undefined || answer === null) throw silence(about)
  return answer
}

function silence(about: string, cause?: unknown): TrunklineError<'CONNECTION_LOST'> {
  return new TrunklineError('CONNECTION_LOST', { message: `WhatsApp did not answer ${about}`, cause })
}

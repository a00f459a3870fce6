import { describe, expect, it } from 'vitest'
import { TrunklineError } from '../errors/trunkline-error.js'
import { checkSend } from './check-send.js'

/** The fields that a check names. */
function fieldsOf(check: () => unknown): string[] {
  try {
    check()
    return []
  } catch (error) {
    if (!TrunklineError.is(error, 'VALIDATION_FAILED')) throw error
    return error.details.errors.map(({ field }) => field)
  }
}

describe('sending', () => {
  const good = { to: '15550000001', text: 'hello' }

  it.each([
    [good],
    [{ ...good, text: 'x'.repeat(65_536) }],
    [{ ...good, clientMessageId: 'x'.repeat(128), quotedMessageId: 'A', mentions: ['15550000002'] }],
  ])('takes a message that is right', (message) => {
    expect(fieldsOf(() => checkSend(message))).toEqual([])
  })

  it.each([
    [{ ...good, to: '' }, ['to']],
    [{ ...good, to: 7 }, ['to']],
    [{ ...good, text: '' }, ['text']],
    [{ ...good, text: { $gt: '' } }, ['text']],
    [{ ...good, text: 'x'.repeat(65_537) }, ['text']],
    [{ ...good, text: '👍'.slice(0, 1) }, ['text']],
    [{ ...good, clientMessageId: '' }, ['clientMessageId']],
    [{ ...good, clientMessageId: 'x'.repeat(129) }, ['clientMessageId']],
    [{ ...good, clientMessageId: { $gt: '' } }, ['clientMessageId']],
    [{ ...good, quotedMessageId: { $gt: '' } }, ['quotedMessageId']],
    [{ ...good, quotedMessageId: '' }, ['quotedMessageId']],
    [{ ...good, mentions: '15550000002' }, ['mentions']],
    [{ ...good, mentions: ['15550000002', 7] }, ['mentions.1']],
    [{}, ['to', 'text']],
  ])('refuses what is not: %#', (message, fields) => {
    expect(fieldsOf(() => checkSend(message as Parameters<typeof checkSend>[0]))).toEqual(fields)
  })

  it('says what is wrong in its message', () => {
    expect(() => checkSend({ ...good, text: '' })).toThrow('text must have 1 to 65536 characters')
  })
})

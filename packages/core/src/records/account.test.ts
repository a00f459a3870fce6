import { describe, expect, it } from 'vitest'
import { isSameAccount } from './account.js'

const ANA = { jid: '15550000001@s.whatsapp.net', lid: '200015550000001@lid' }
const BEN = { jid: '15550000002@s.whatsapp.net', lid: '200015550000002@lid' }

describe('whether two are one account', () => {
  it.each([
    ['the same addresses', ANA, ANA, true],
    ['the LID is not known yet', ANA, { jid: ANA.jid }, true],
    ['the number was changed', ANA, { jid: '15550000009@s.whatsapp.net', lid: ANA.lid }, true],
    ['another number', ANA, BEN, false],
    ['another number, of neither is the LID known', { jid: ANA.jid }, { jid: BEN.jid }, false],
  ])('%s', (_case, one, other, same) => {
    expect(isSameAccount(one, other)).toBe(same)
    expect(isSameAccount(other, one)).toBe(same)
  })
})

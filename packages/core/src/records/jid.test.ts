import { describe, expect, it } from 'vitest'
import { chatKindOf, isLid, isPerson, isPhoneJid, normalizeJid, phoneOf, wireJid } from './jid.js'

const PN = '15550000001@s.whatsapp.net'
const LID = '200000000000001@lid'

describe('normalizeJid', () => {
  it.each([
    // Phone numbers as people write them.
    ['15550000001', PN],
    ['+15550000001', PN],
    ['+1 (555) 000-0001', PN],
    ['1.555.000.0001', PN],
    [' 15550000001\n', PN],
    // Addresses of a person, of a device, of the old and of the hosted servers.
    [PN, PN],
    ['15550000001:7@s.whatsapp.net', PN],
    ['15550000001@c.us', PN],
    ['15550000001:99@hosted', PN],
    [LID, LID],
    ['200000000000001:12@lid', LID],
    ['200000000000001:99@hosted.lid', LID],
    ['15550000001_1:2@s.whatsapp.net', PN],
    ['200000000000001_1:2@lid', LID],
    ['15550000001@S.WHATSAPP.NET', PN],
    ['200000000000001@LID', LID],
    // What is no person.
    ['120363000000000001@g.us', '120363000000000001@g.us'],
    ['15550000001-1600000000@g.us', '15550000001-1600000000@g.us'],
    ['120363000000000001@newsletter', '120363000000000001@newsletter'],
    ['status@broadcast', 'status@broadcast'],
  ])('%s is %s', (given, jid) => {
    expect(normalizeJid(given)).toBe(jid)
    expect(normalizeJid(jid)).toBe(jid)
  })

  it.each([
    '',
    ' ',
    '+',
    '()-',
    '1234',
    '123456789012345678901',
    'ana',
    'ana@s.whatsapp.net',
    '15550000001@',
    '@s.whatsapp.net',
    '15550000001@example.org',
    '15550000001@s.whatsapp.net@lid',
    '15550000001:x@s.whatsapp.net',
    'x@g.us',
    'status@g.us',
    'other@broadcast',
    '1@lid',
    '15550000001\n15550000002',
    '15550000001@s.whatsapp.net\nx',
    '٠١٢٣٤٥٦٧٨٩',
    '{"$gt":""}',
    '9'.repeat(100_000),
    `${'('.repeat(50_000)}x`,
  ])('%j is nobody', (given) => {
    expect(normalizeJid(given)).toBeUndefined()
  })
})

describe('wireJid', () => {
  it.each([
    ['15550000001_1:2@s.whatsapp.net', PN],
    ['1437398290@broadcast', '1437398290@broadcast'],
    ['status@broadcast', 'status@broadcast'],
    ['13135550002@bot', '13135550002@bot'],
    ['867051314767696:3@BOT', '867051314767696@bot'],
    ['100012345:5@msgr', '100012345@msgr'],
    ['1-abc@interop', '1-abc@interop'],
    ['whatever@new.server', 'whatever@new.server'],
  ])('spells %s as %s', (given, jid) => {
    expect(wireJid(given)).toBe(jid)
    expect(wireJid(jid)).toBe(jid)
  })
})

describe('the kinds of addresses', () => {
  it.each([
    [PN, { lid: false, phone: true, person: true, digits: '15550000001', kind: 'individual' }],
    [LID, { lid: true, phone: false, person: true, digits: undefined, kind: 'individual' }],
    ['120363000000000001@g.us', { lid: false, phone: false, person: false, digits: undefined, kind: 'group' }],
    [
      '120363000000000001@newsletter',
      { lid: false, phone: false, person: false, digits: undefined, kind: 'newsletter' },
    ],
    ['1437398290@broadcast', { lid: false, phone: false, person: false, digits: undefined, kind: 'broadcast' }],
    ['status@broadcast', { lid: false, phone: false, person: false, digits: undefined, kind: 'status' }],
    ['15550000001@c.us', { lid: false, phone: false, person: false, digits: undefined, kind: 'individual' }],
    ['200000000000001@hosted.lid', { lid: false, phone: false, person: false, digits: undefined, kind: 'individual' }],
    ['13135550002@bot', { lid: false, phone: false, person: false, digits: undefined, kind: 'other' }],
    ['100012345@msgr', { lid: false, phone: false, person: false, digits: undefined, kind: 'other' }],
    ['1-abc@interop', { lid: false, phone: false, person: false, digits: undefined, kind: 'other' }],
    ['whatever@new.server', { lid: false, phone: false, person: false, digits: undefined, kind: 'other' }],
    ['nobody', { lid: false, phone: false, person: false, digits: undefined, kind: 'other' }],
  ])('%s', (jid, { lid, phone, person, digits, kind }) => {
    expect([isLid(jid), isPhoneJid(jid), isPerson(jid), phoneOf(jid), chatKindOf(jid)]).toEqual([
      lid,
      phone,
      person,
      digits,
      kind,
    ])
  })

  it('finds the number of a device, too', () => {
    expect(phoneOf('15550000001:7@s.whatsapp.net')).toBe('15550000001')
  })
})

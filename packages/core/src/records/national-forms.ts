import type { Jid } from '../types/jid.js'
import { isPhoneJid } from './jid.js'

/** A country code and what follows it of a mobile number, with and without the digit that WhatsApp may or may not know it by. */
const FORMS: readonly { with: RegExp; without: RegExp; digit: string }[] = [
  // Brazil: a 9 before the eight digits of a mobile number, which begin with 6 to 9.
  { with: /^(55[1-9]\d)9([6-9]\d{7})$/, without: /^(55[1-9]\d)([6-9]\d{7})$/, digit: '9' },
  // Mexico: a 1 between the country code and the ten digits.
  { with: /^(52)1(\d{10})$/, without: /^(52)(\d{10})$/, digit: '1' },
  // Argentina: a 9 there.
  { with: /^(54)9(\d{10})$/, without: /^(54)(\d{10})$/, digit: '9' },
]

/** The other way in which people write a number of a country that has two; `undefined` for every other address. Pure. */
export function otherNationalForm(jid: Jid): Jid | undefined {
  if (!isPhoneJid(jid)) return undefined
  const at = jid.indexOf('@')
  const [digits, server] = [jid.slice(0, at), jid.slice(at)]
  for (const form of FORMS) {
    const long = form.with.exec(digits)
    if (long) return `${long[1]}${long[2]}${server}`
    const short = form.without.exec(digits)
    if (short) return `${short[1]}${form.digit}${short[2]}${server}`
  }
  return undefined
}

/**
 * The form in which texts are compared when somebody searches: stores keep it beside what is searched, and bring what is searched
 * for into it. Case makes no difference in any alphabet, and neither do other spellings of the same letter: composed or not, full
 * width, `ß` and `ss`, the two small sigmas, and the i of Turkish with or without its dot. Accents do make one.
 */
export function searchForm(text: string): string {
  // Up and down again, because some letters are alike in one case only: ß is SS, ς is Σ, ı is I.
  const folded = text.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase()
  return folded.replaceAll('i\u0307', 'i').replaceAll('ς', 'σ').normalize('NFKC')
}

/** What a session is searched by. */
export function sessionSearchText({ id, label = '' }: { id: string; label?: string | null | undefined }): string {
  return searchForm(`${id}\n${label ?? ''}`)
}

/** What a user is searched by. */
export function userSearchText({ name, email }: { name: string; email: string }): string {
  return searchForm(`${name}\n${email}`)
}

/** What a contact is searched by, beside the number. */
export function contactSearchText({ name = '', pushName = '' }: { name?: string; pushName?: string }): string {
  return searchForm(`${name}\n${pushName}`)
}

/** What is searched for among contacts. */
export interface ContactSearch {
  /** In their names. */
  words: string
  /** In their numbers, where it may be a part of one. */
  digits?: string
  /** The same digits, where they are enough to be a person's: if numbers begin so, those are all that is found. */
  beginning?: string
}

/** Fewer may stand in the middle of many numbers. */
const BEGINNING_DIGITS = 7

/** In the names of contacts, and in their numbers where it may be one or a part of one, however it is written. */
export function contactSearch(text: string): ContactSearch {
  const words = searchForm(text)
  const digits = words.replaceAll(/\D/g, '')
  if (!/^[\d\s()+./-]+$/.test(words) || digits === '') return { words }
  return { words, digits, ...(digits.length < BEGINNING_DIGITS ? {} : { beginning: digits }) }
}

import type { en, Texts, TextsLike, TextValues } from './en.js'

export type Locale = 'en' | 'es' | 'pt'

export const LOCALES: readonly Locale[] = ['es', 'en', 'pt']

/** `t('sessions.count', { count: 3 })`: what is in braces has to be given, or it does not compile. */
export type Translate<English extends Texts = typeof en> = <Key extends keyof English & string>(
  key: Key,
  ...values: keyof TextValues<English[Key]> extends never ? [] : [TextValues<English[Key]>]
) => string

/** `dictionary` has the keys of the English texts, in that language. */
export function translator<English extends Texts = typeof en>(
  locale: Locale,
  dictionary: TextsLike<NoInfer<English>>,
): Translate<English> {
  const plural = new Intl.PluralRules(locale)
  const numbers = new Intl.NumberFormat(locale)
  return (key, ...[values]) => {
    const given: Readonly<Record<string, string | number>> = values ?? {}
    const text: Texts[string] = dictionary[key]
    const form = typeof text === 'string' ? text : plural.select(Number(given.count)) === 'one' ? text.one : text.other
    return form.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = given[name]
      return typeof value === 'number' ? numbers.format(value) : (value ?? whole)
    })
  }
}

/** The first language of the browser that there is; Spanish speakers, Portuguese speakers, and everybody else. */
export function preferredLocale(languages: readonly string[]): Locale {
  const found = languages.map((tag) => LOCALES.find((locale) => languageOf(tag) === locale))
  return found.find((locale) => locale !== undefined) ?? 'en'
}

/** The language as people of their country write it, where the browser says which. */
export function localeOfCountry(language: Locale, languages: readonly string[]): string {
  return languages.flatMap(canonical).find((tag) => languageOf(tag) === language) ?? language
}

function languageOf(tag: string): string | undefined {
  return tag.toLowerCase().split(/[-_@.]/)[0]
}

/** Browsers tell what the system says, and that may be no language tag (`en-US@posix`, `es_MX`): `Intl` throws at it. */
function canonical(tag: string): string[] {
  try {
    return Intl.getCanonicalLocales(tag)
  } catch {
    return []
  }
}

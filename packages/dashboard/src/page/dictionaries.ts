import type { Dictionary } from '../react/i18n/en.js'
import type { Locale } from '../react/i18n/translate.js'

/** Only the language that is spoken is fetched. */
export async function loadDictionary(locale: Locale): Promise<Dictionary> {
  switch (locale) {
    case 'en':
      return (await import('../react/i18n/en.js')).en
    case 'es':
      return (await import('../react/i18n/es.js')).es
    case 'pt':
      return (await import('../react/i18n/pt.js')).pt
  }
}

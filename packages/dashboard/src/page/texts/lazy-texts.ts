import { use } from 'react'
import type { Dictionary, en, Texts, TextsLike } from '../../react/i18n/en.js'
import { type Locale, type Translate, translator } from '../../react/i18n/translate.js'
import { useTrunkline } from '../../react/provider.js'

/** Texts that a few pages alone need, fetched with the first of them and in the language that is spoken. */
export class LazyTexts<English extends Texts> {
  readonly #load: Record<Locale, () => Promise<TextsLike<English>>>
  readonly #fetched = new Map<Locale, Promise<TextsLike<English>>>()
  readonly #made = new WeakMap<Dictionary, Translate<typeof en & English>>()

  constructor(load: Record<Locale, () => Promise<TextsLike<English>>>) {
    this.#load = load
  }

  fetch(locale: Locale): Promise<TextsLike<English>> {
    const known = this.#fetched.get(locale)
    if (known) return known
    const asked = this.#load[locale]()
    this.#fetched.set(locale, asked)
    asked.catch(() => this.#fetched.delete(locale))
    return asked
  }

  /** The texts of everywhere with these. */
  translator(locale: Locale, dictionary: Dictionary, texts: TextsLike<English>): Translate<typeof en & English> {
    const known = this.#made.get(dictionary)
    if (known) return known
    const t = translator<typeof en & English>(locale, { ...dictionary, ...texts } as TextsLike<typeof en & English>)
    this.#made.set(dictionary, t)
    return t
  }
}

/** Waits for them as `Suspense` does. */
export function useLazyTexts<English extends Texts>(texts: LazyTexts<English>): Translate<typeof en & English> {
  const { locale, dictionary } = useTrunkline()
  return texts.translator(locale, dictionary, use(texts.fetch(locale)))
}

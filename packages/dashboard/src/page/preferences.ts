import { LOCALES, type Locale, preferredLocale } from '../react/i18n/translate.js'

export type Theme = 'system' | 'light' | 'dark'

export const THEMES: readonly Theme[] = ['system', 'light', 'dark']

const LOCALE_KEY = 'trunkline.locale'
const THEME_KEY = 'trunkline.theme'
const PICTURES_KEY = 'trunkline.pictures'

export function readLocale(): Locale {
  const kept = read(LOCALE_KEY)
  return LOCALES.find((locale) => locale === kept) ?? preferredLocale(navigator.languages)
}

export function keepLocale(locale: Locale): void {
  write(LOCALE_KEY, locale)
}

export function readTheme(): Theme {
  const kept = read(THEME_KEY)
  return THEMES.find((theme) => theme === kept) ?? 'system'
}

export function keepTheme(theme: Theme): void {
  write(THEME_KEY, theme)
}

/** Whether people are shown with their pictures. */
export function readPictures(): boolean {
  return read(PICTURES_KEY) !== 'off'
}

export function keepPictures(pictures: boolean): void {
  write(PICTURES_KEY, pictures ? 'on' : 'off')
}

export function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}

/** A browser that keeps nothing for pages throws; then nothing is kept. */
function read(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // Until the page is left, then.
  }
}

import { createContext, useContext } from 'react'
import type { Locale } from '../react/i18n/translate.js'
import type { Theme } from './preferences.js'

interface PreferencesValue {
  locale: Locale
  theme: Theme
  pictures: boolean
  setLocale(locale: Locale): void
  setTheme(theme: Theme): void
  setPictures(pictures: boolean): void
}

const Context = createContext<PreferencesValue | undefined>(undefined)

export const Preferences = Context.Provider

export function usePreferences(): PreferencesValue {
  const value = useContext(Context)
  if (!value) throw new Error('There are no preferences around this')
  return value
}

import '@fontsource-variable/inter/wght.css'
import '../react/styles.css'
import './page.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.js'
import { loadDictionary } from './dictionaries.js'
import { applyTheme, readLocale, readTheme } from './preferences.js'

const locale = readLocale()
applyTheme(readTheme())
const dictionary = await loadDictionary(locale)
const root = document.getElementById('root')
if (!root) throw new Error('The page has no root')
createRoot(root).render(
  <StrictMode>
    <App first={{ locale, dictionary }} />
  </StrictMode>,
)

import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { Router } from 'wouter'
import type { Dictionary } from '../react/i18n/en.js'
import type { Locale } from '../react/i18n/translate.js'
import { TrunklineProvider, useTrunkline } from '../react/provider.js'
import { Button } from '../react/ui/button.js'
import { Problem } from '../react/ui/problem.js'
import { Spinner } from '../react/ui/spinner.js'
import { loadDictionary } from './dictionaries.js'
import { Me } from './me.js'
import { Pages } from './pages.js'
import { applyTheme, keepLocale, keepPictures, keepTheme, readPictures, readTheme, type Theme } from './preferences.js'
import { Preferences } from './preferences-context.js'
import { mountPath } from './settings.js'
import { ToastsProvider } from './shell/toasts.js'
import { ChangePassword } from './sign-in/change-password.js'
import { Front } from './sign-in/front.js'
import { SignIn } from './sign-in/sign-in.js'
import { type LoginControl, useLogin } from './sign-in/use-login.js'

/** The client tries again by itself where that is safe, so nobody else does. */
const QUERIES = { retry: false, staleTime: 5_000 }

interface Language {
  locale: Locale
  dictionary: Dictionary
}

export function App({ first }: { first: Language }) {
  const control = useLogin()
  // One for each client: what one person has read is not the next one's.
  const queries = useMemo(
    () => control.client && new QueryClient({ defaultOptions: { queries: QUERIES } }),
    [control.client],
  )
  const [language, setLanguage] = useState(first)
  const [theme, setTheme] = useState<Theme>(readTheme)
  const [pictures, setPictures] = useState(readPictures)
  useEffect(() => {
    document.documentElement.lang = language.locale
  }, [language])

  const preferences = useMemo(
    () => ({
      locale: language.locale,
      theme,
      pictures,
      setLocale: (locale: Locale) => {
        keepLocale(locale)
        void loadDictionary(locale).then((dictionary) => setLanguage({ locale, dictionary }))
      },
      setTheme: (next: Theme) => {
        keepTheme(next)
        applyTheme(next)
        setTheme(next)
      },
      setPictures: (next: boolean) => {
        keepPictures(next)
        setPictures(next)
      },
    }),
    [language, theme, pictures],
  )

  return (
    <TrunklineProvider
      client={control.client}
      locale={language.locale}
      dictionary={language.dictionary}
      pictures={pictures}
    >
      <Preferences value={preferences}>
        <Router base={mountPath()}>
          <QueryClientProvider client={queries}>
            <ToastsProvider>
              <Inside control={control} />
            </ToastsProvider>
          </QueryClientProvider>
        </Router>
      </Preferences>
    </TrunklineProvider>
  )
}

function Inside({ control }: { control: LoginControl }) {
  const { t } = useTrunkline()
  const { login, signIn, changePassword, passwordDone, look } = control
  switch (login.state) {
    case 'unknown':
      return (
        <main className="whole" role="status" aria-label={t('say.loading')}>
          <Spinner large />
        </main>
      )
    case 'nobody':
      return <SignIn ended={login.ended} signIn={signIn} />
    case 'failed':
      return (
        <Front title={t('problem.title')} lead="">
          <Problem error={login.error} />
          <Button look="primary" onClick={look}>
            {t('do.tryAgain')}
          </Button>
        </Front>
      )
    case 'somebody':
      if (login.mustChange !== undefined) {
        return (
          <Front title={t('password.sampleTitle')} lead={t('password.sampleLead')}>
            <ChangePassword
              change={changePassword}
              current={login.mustChange}
              onDone={passwordDone}
              onSkip={passwordDone}
            />
          </Front>
        )
      }
      return (
        <Me user={login.user} control={control}>
          <Pages />
        </Me>
      )
  }
}

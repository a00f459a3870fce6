import { ChevronsUpDown, KeyRound, LogOut, Monitor, Moon, Sun, UserRound } from 'lucide-react'
import { useState } from 'react'
import { LOCALES } from '../../react/i18n/translate.js'
import { useTrunkline } from '../../react/provider.js'
import { Avatar } from '../../react/ui/avatar.js'
import { Dialog } from '../../react/ui/dialog.js'
import { Menu } from '../../react/ui/menu.js'
import { useMe } from '../me.js'
import { THEMES } from '../preferences.js'
import { usePreferences } from '../preferences-context.js'
import { ChangePassword } from '../sign-in/change-password.js'
import { useToasts } from './toasts.js'

const THEME_ICONS = { system: Monitor, light: Sun, dark: Moon }
const LANGUAGE_NAMES = { en: 'English', es: 'Español', pt: 'Português' }

/** Who is signed in, how the page looks and speaks, and the way out. */
export function AccountMenu({ compact = false }: { compact?: boolean }) {
  const { t } = useTrunkline()
  const { user, signOut, changePassword } = useMe()
  const { locale, theme, pictures, setLocale, setTheme, setPictures } = usePreferences()
  const { done } = useToasts()
  const [changing, setChanging] = useState(false)
  return (
    <>
      <Menu
        label={t('account.menu')}
        look={compact ? 'account account-compact' : 'account'}
        trigger={
          <>
            <Avatar small name={user.name} seed={user.id} />
            {compact ? null : (
              <>
                <span className="account-who">
                  <strong>{user.name}</strong>
                  <span>{t(`role.${user.role}`)}</span>
                </span>
                <ChevronsUpDown size={16} aria-hidden />
              </>
            )}
          </>
        }
        items={[
          ...THEMES.map((each) => ({
            label: t(`theme.${each}`),
            icon: THEME_ICONS[each],
            checked: theme === each,
            onSelect: () => setTheme(each),
          })),
          'line',
          ...LOCALES.map((each) => ({
            label: LANGUAGE_NAMES[each],
            checked: locale === each,
            onSelect: () => setLocale(each),
          })),
          'line',
          { label: t('account.pictures'), icon: UserRound, checked: pictures, onSelect: () => setPictures(!pictures) },
          { label: t('password.title'), icon: KeyRound, onSelect: () => setChanging(true) },
          { label: t('signOut'), icon: LogOut, onSelect: signOut },
        ]}
      />
      {changing ? (
        <Dialog title={t('password.title')} onClose={() => setChanging(false)}>
          <ChangePassword
            change={changePassword}
            onDone={() => {
              setChanging(false)
              done(t('password.done'))
            }}
          />
        </Dialog>
      ) : null}
    </>
  )
}

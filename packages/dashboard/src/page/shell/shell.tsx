import { MoreHorizontal } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { Link, useLocation } from 'wouter'
import { useConnection, useTrunkline } from '../../react/provider.js'
import { useSessions } from '../../react/sessions/use-sessions.js'
import { TONES } from '../../react/status.js'
import { Menu } from '../../react/ui/menu.js'
import { useMe } from '../me.js'
import { AccountMenu } from './account-menu.js'
import { Logo } from './logo.js'
import { LostBanner } from './lost-banner.js'
import { MAIN_ITEMS, MANAGE_ITEMS, type NavItem } from './nav.js'

/** What stands around every page: where one can go, who one is, and whether what is shown is still so. */
export function Shell({ children }: { children: ReactNode }) {
  const { t } = useTrunkline()
  const { may } = useMe()
  const [path, navigate] = useLocation()
  const content = useRef<HTMLElement>(null)
  const manage = MANAGE_ITEMS.filter(({ needs }) => may(needs))
  const main = MAIN_ITEMS.filter(({ needs }) => may(needs))
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page begins at its top.
  useEffect(() => {
    content.current?.scrollTo(0, 0)
  }, [path])
  return (
    <div className="shell">
      <button type="button" className="skip" onClick={() => content.current?.focus()}>
        {t('nav.skip')}
      </button>
      <aside className="side">
        <Logo small />
        <nav aria-label={t('nav.label')} className="side-nav">
          {main.map((item) => (
            <NavLink key={item.href} item={item} path={path} />
          ))}
          {manage.length > 0 ? <p className="side-group">{t('nav.manage')}</p> : null}
          {manage.map((item) => (
            <NavLink key={item.href} item={item} path={path} />
          ))}
        </nav>
        <div className="side-foot">
          <LiveState />
          <AccountMenu />
        </div>
      </aside>
      <div className="main">
        <header className="top">
          <Logo small />
          <LiveState />
          <AccountMenu compact />
        </header>
        <LostBanner />
        <main ref={content} id="content" className="content" tabIndex={-1}>
          {children}
        </main>
        <nav className="bottom" aria-label={t('nav.label')}>
          {main.map((item) => (
            <NavLink key={item.href} item={item} path={path} />
          ))}
          {manage.length > 0 ? (
            <Menu
              label={t('nav.more')}
              look="nav-link"
              trigger={
                <>
                  <MoreHorizontal size={20} aria-hidden />
                  <span>{t('nav.more')}</span>
                </>
              }
              items={manage.map(({ href, label, icon }) => ({ label: t(label), icon, onSelect: () => navigate(href) }))}
            />
          ) : null}
        </nav>
      </div>
    </div>
  )
}

function NavLink({ item: { href, label, icon: Icon }, path }: { item: NavItem; path: string }) {
  const { t } = useTrunkline()
  const isHere = href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`)
  return (
    <Link href={href} className="nav-link" aria-current={isHere ? 'page' : undefined}>
      <Icon size={18} aria-hidden />
      <span>{t(label)}</span>
      {href === '/sessions' ? <ProblemCount /> : null}
    </Link>
  )
}

function ProblemCount() {
  const { t } = useTrunkline()
  const { sessions } = useSessions()
  const count = sessions.filter(({ status }) => TONES[status] === 'bad').length
  if (count === 0) return null
  return (
    <span className="nav-count" title={t('health.unhealthy')}>
      {count}
    </span>
  )
}

function LiveState() {
  const { t } = useTrunkline()
  const { status } = useConnection()
  return (
    <span className={`live-state tl-tone-${status === 'open' ? 'good' : 'work'}`}>
      <span className="tl-dot" aria-hidden />
      {t(status === 'open' ? 'live.open' : 'live.connecting')}
    </span>
  )
}

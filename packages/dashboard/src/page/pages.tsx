import { type ComponentType, lazy, Suspense } from 'react'
import { Redirect, Route, Switch } from 'wouter'
import { useTrunkline } from '../react/provider.js'
import type { Permission } from '../react/types.js'
import { Spinner } from '../react/ui/spinner.js'
import { useMe } from './me.js'
import { SessionActionsProvider } from './sessions/session-actions.js'
import { NotFound } from './shell/not-found.js'
import { Shell } from './shell/shell.js'

const SessionsPage = lazy(async () => ({ default: (await import('./sessions/sessions-page.js')).SessionsPage }))

/** Each page is fetched when it is opened. */
const PAGES: readonly { path: string; page: ComponentType; needs?: Permission }[] = [
  { path: '/sessions', page: SessionsPage },
]

export function Pages() {
  const { t } = useTrunkline()
  const { may } = useMe()
  return (
    <SessionActionsProvider>
      <Shell>
        <Suspense
          fallback={
            <div className="whole" role="status" aria-label={t('say.loading')}>
              <Spinner large />
            </div>
          }
        >
          <Switch>
            <Route path="/">
              <Redirect to="/sessions" replace />
            </Route>
            {PAGES.filter(({ needs }) => needs === undefined || may(needs)).map(({ path, page }) => (
              <Route key={path} path={path} component={page} />
            ))}
            <Route>
              <NotFound />
            </Route>
          </Switch>
        </Suspense>
      </Shell>
    </SessionActionsProvider>
  )
}

import { type ComponentType, lazy, Suspense } from 'react'
import { Route, Switch } from 'wouter'
import type { Permission } from '../react/types.js'
import { useMe } from './me.js'
import { SessionActionsProvider } from './sessions/session-actions.js'
import { Loading } from './shell/loading.js'
import { NotFound } from './shell/not-found.js'
import { Shell } from './shell/shell.js'

const SessionsPage = lazy(async () => ({ default: (await import('./sessions/sessions-page.js')).SessionsPage }))

const SessionPage = lazy(async () => ({ default: (await import('./session/session-page.js')).SessionPage }))
const OverviewPage = lazy(async () => ({ default: (await import('./overview/overview-page.js')).OverviewPage }))
const EventsPage = lazy(async () => ({ default: (await import('./events/events-page.js')).EventsPage }))
const UsersPage = lazy(async () => ({ default: (await import('./users/users-page.js')).UsersPage }))
const KeysPage = lazy(async () => ({ default: (await import('./keys/keys-page.js')).KeysPage }))
const AuditPage = lazy(async () => ({ default: (await import('./audit/audit-page.js')).AuditPage }))
const WebhooksPage = lazy(async () => ({ default: (await import('./webhooks/webhooks-page.js')).WebhooksPage }))
const WebhookPage = lazy(async () => ({ default: (await import('./webhooks/webhook-page.js')).WebhookPage }))
const MaintenancePage = lazy(async () => ({
  default: (await import('./maintenance/maintenance-page.js')).MaintenancePage,
}))

/** Each page is fetched when it is opened. */
const PAGES: readonly { path: string; page: ComponentType; needs?: Permission }[] = [
  { path: '/', page: OverviewPage },
  { path: '/sessions', page: SessionsPage },
  { path: '/events', page: EventsPage, needs: 'events:read' },
  { path: '/users', page: UsersPage, needs: 'users:manage' },
  { path: '/keys', page: KeysPage, needs: 'keys:manage' },
  { path: '/webhooks', page: WebhooksPage, needs: 'webhooks:manage' },
  { path: '/audit', page: AuditPage, needs: 'audit:read' },
  { path: '/maintenance', page: MaintenancePage, needs: 'system:read' },
]

export function Pages() {
  const { may } = useMe()
  return (
    <SessionActionsProvider>
      <Shell>
        <Suspense fallback={<Loading />}>
          <Switch>
            {PAGES.filter(({ needs }) => needs === undefined || may(needs)).map(({ path, page }) => (
              <Route key={path} path={path} component={page} />
            ))}
            {may('webhooks:manage') ? (
              <Route path="/webhooks/:id">{({ id }) => <WebhookPage key={id} webhookId={id} />}</Route>
            ) : null}
            <Route path="/sessions/:id">{({ id }) => <SessionPage key={id} sessionId={id} />}</Route>
            <Route>
              <NotFound />
            </Route>
          </Switch>
        </Suspense>
      </Shell>
    </SessionActionsProvider>
  )
}

import { createClient } from '@trunkline/client'
import { TrunklineProvider } from '@trunkline/dashboard/react'
import { createRoot } from 'react-dom/client'
import { io } from 'socket.io-client'
import type { Tenant } from '../tenant.js'
import '../../../../packages/dashboard/src/react/styles.css'
import './page.css'
import { TenantPage } from './tenant-page.js'

// Who is signed in, by the login that this product has; with the key that opens their session and no other.
const tenant = (await (await fetch('/me')).json()) as Tenant
const client = createClient({ baseUrl: `${location.origin}/api`, apiKey: tenant.apiKey, live: { io } })

createRoot(document.getElementById('page') as HTMLElement).render(
  <TrunklineProvider client={client}>
    <TenantPage client={client} tenant={tenant} />
  </TrunklineProvider>,
)

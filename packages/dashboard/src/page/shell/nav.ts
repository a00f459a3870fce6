import {
  Activity,
  HeartPulse,
  KeyRound,
  LayoutDashboard,
  type LucideIcon,
  MessagesSquare,
  ScrollText,
  Users,
  Webhook,
} from 'lucide-react'
import type { TextKey } from '../../react/i18n/en.js'
import type { Permission } from '../../react/types.js'

export interface NavItem {
  href: string
  label: Extract<TextKey, `nav.${string}`>
  icon: LucideIcon
  needs: Permission
}

export const MAIN_ITEMS: readonly NavItem[] = [
  { href: '/', label: 'nav.overview', icon: LayoutDashboard, needs: 'sessions:read' },
  { href: '/sessions', label: 'nav.sessions', icon: MessagesSquare, needs: 'sessions:read' },
  { href: '/events', label: 'nav.events', icon: Activity, needs: 'events:read' },
]

export const MANAGE_ITEMS: readonly NavItem[] = [
  { href: '/users', label: 'nav.users', icon: Users, needs: 'users:manage' },
  { href: '/keys', label: 'nav.keys', icon: KeyRound, needs: 'keys:manage' },
  { href: '/webhooks', label: 'nav.webhooks', icon: Webhook, needs: 'webhooks:manage' },
  { href: '/audit', label: 'nav.audit', icon: ScrollText, needs: 'audit:read' },
  { href: '/maintenance', label: 'nav.maintenance', icon: HeartPulse, needs: 'system:read' },
]

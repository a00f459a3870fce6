import { createContext, type ReactNode, useContext, useMemo } from 'react'
import type { Permission, User } from '../react/types.js'
import { ROLE_PERMISSIONS } from './permissions.js'
import type { LoginControl } from './sign-in/use-login.js'

interface MeValue {
  user: User
  /** Whether the server would allow it. What it would not is not shown. */
  may(permission: Permission): boolean
  signOut(): void
  changePassword(password: string, newPassword: string): Promise<void>
}

const Context = createContext<MeValue | undefined>(undefined)

export function Me({ user, control, children }: { user: User; control: LoginControl; children: ReactNode }) {
  const { signOut, changePassword } = control
  const value = useMemo(
    () => ({
      user,
      may: (permission: Permission) => ROLE_PERMISSIONS[user.role].includes(permission),
      signOut,
      changePassword,
    }),
    [user, signOut, changePassword],
  )
  return <Context value={value}>{children}</Context>
}

export function useMe(): MeValue {
  const value = useContext(Context)
  if (!value) throw new Error('Nobody is signed in around this')
  return value
}

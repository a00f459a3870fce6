import type { ReactNode } from 'react'
import { Logo } from '../shell/logo.js'

/** The page before somebody is in: one card in the middle. */
export function Front({ title, lead, children }: { title: string; lead: string; children: ReactNode }) {
  return (
    <main className="front">
      <div className="front-card">
        <Logo />
        <h1>{title}</h1>
        <p className="front-lead">{lead}</p>
        {children}
      </div>
    </main>
  )
}

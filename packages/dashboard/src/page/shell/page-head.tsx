import { type ReactNode, useEffect } from 'react'

/** The title of a page, in the page and in the tab, with what can be done on it. */
export function PageHead({ title, lead, children }: { title: string; lead?: string; children?: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Trunkline`
  }, [title])
  return (
    <header className="page-head">
      <div>
        <h1>{title}</h1>
        {lead === undefined ? null : <p className="soft">{lead}</p>}
      </div>
      {children ? <div className="page-head-actions">{children}</div> : null}
    </header>
  )
}

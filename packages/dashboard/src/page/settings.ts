/** What the handler wrote into the page. */
export interface Settings {
  apiUrl: string
  socketPath: string
}

export function readSettings(): Settings {
  const text = document.getElementById('settings')?.textContent
  const { apiUrl = '/api', socketPath = '/socket.io' } = text ? (JSON.parse(text) as Partial<Settings>) : {}
  return { apiUrl: new URL(apiUrl, location.origin).href, socketPath }
}

/** Where the page is mounted, without a slash at its end: `/admin`. */
export function mountPath(): string {
  return new URL(document.baseURI).pathname.replace(/\/+$/, '')
}

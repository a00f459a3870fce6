/** What the page of a tenant is told about them. */
export interface Tenant {
  name: string
  /** The one session that is theirs. */
  sessionId: string
  /** Opens that session, and nothing else. */
  apiKey: string
}

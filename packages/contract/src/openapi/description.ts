/** What holds for every route. */
export const DESCRIPTION = `Many WhatsApp accounts behind one HTTP interface.

- **Sign in** by \`POST /auth/login\` and send the access token as \`Authorization: Bearer …\`, or an API key as \`X-API-Key\`
  or in place of the token.
- **Errors** are \`application/problem+json\`. Branch on \`code\`; it is stable. \`detail\` is for people.
- **Lists** come in pages: send \`nextCursor\` back as \`cursor\`. The last page has none.
- **Times** are ISO 8601 in UTC. A field that is not known is left out. Answers may gain fields; requests with unknown fields are
  refused.
- A session that is not the caller's is answered like one that does not exist (404).
`

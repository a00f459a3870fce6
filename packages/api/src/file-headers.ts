/** What a page of ours may show by itself: nothing of it can run. Everything else is saved. */
const SHOWN = /^(?:image\/(?:jpeg|png|gif|webp|avif)|audio\/[\w.+-]+|video\/[\w.+-]+)$/
const MEDIA_TYPE = /^[\w.+-]{1,100}\/[\w.+-]{1,100}(?:; ?[\w-]{1,40}="?[\w.,+ -]{1,80}"?){0,4}$/

/** The media type that a sender named, as far as it is one. */
export function safeMediaType(given: string): string {
  return MEDIA_TYPE.test(given) ? given : 'application/octet-stream'
}

/** Headers of a file that a stranger may have sent: where it is opened as a page of its own, it can do nothing. */
export function fileHeaders({ mediaType, fileName }: { mediaType: string; fileName: string }): Record<string, string> {
  const [essence = ''] = mediaType.split(';')
  const kind = SHOWN.test(essence.trim().toLowerCase()) ? 'inline' : 'attachment'
  return {
    'content-disposition': `${kind}; filename="${plain(fileName)}"; filename*=UTF-8''${encoded(fileName)}`,
    'content-security-policy': "sandbox; default-src 'none'",
    'cache-control': 'private, no-cache',
  }
}

/** For clients that read nothing else: letters and digits. */
function plain(name: string): string {
  return name.replace(/[^\w.-]|^\.+/g, (signs) => '_'.repeat(signs.length)).slice(0, 100)
}

/** RFC 8187. Without what would lead whoever saves it to another folder, or end a line. Lone surrogates cannot be encoded. */
function encoded(name: string): string {
  const safe = name
    .slice(0, 200)
    .replace(/[/\\\p{Cc}\p{Surrogate}]/gu, '_')
    .replace(/^\.+/, (dots) => '_'.repeat(dots.length))
  return encodeURIComponent(safe).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}

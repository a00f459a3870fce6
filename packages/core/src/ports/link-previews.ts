/** Looks at what texts lead to. */
export interface LinkPreviews {
  /**
   * What the page of the first link in a text says of itself; `undefined` where there is no link, or the page says nothing, is at an
   * inside address, or does not answer. Never rejects, and resolves within some seconds whatever the page does.
   */
  of(text: string, options?: { signal?: AbortSignal }): Promise<LinkPreview | undefined>
}

/** What is shown below a text with a link. */
export interface LinkPreview {
  /** As it stands in the text. */
  url: string
  title: string
  description?: string
  /** A JPEG of some kilobytes. */
  thumbnail?: Uint8Array
}

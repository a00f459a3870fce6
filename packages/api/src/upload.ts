/** Bytes that a route takes as they come. Whoever stops reading early calls their `return`, as `for await` does. */
export interface Upload {
  mediaType: string
  /** Of a file in a form, without folders, as its sender calls it. */
  fileName?: string
  /** Read once. Of a form they end when the whole form has come, and reject when anything about it was wrong. */
  bytes: AsyncIterable<Uint8Array>
}

export interface ReadBody {
  /** What the schema of the route made of the fields. */
  body: unknown
  upload?: Upload
  /** Lets go of what nobody has read. May be called at any time. */
  release(): void
}

/** Says once a frame that something changed, however often it did: the page is drawn once for all of it. */
export class FrameBatch {
  readonly #tell: () => void
  #frame: number | undefined

  constructor(tell: () => void) {
    this.#tell = tell
  }

  changed(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined
      this.#tell()
    })
  }

  cancel(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame)
    this.#frame = undefined
  }
}

import type { TokenStorage, Tokens } from '@trunkline/client'

const KEY = 'trunkline.tokens'

/** The tokens of this tab: gone with it. Says when the server has ended the login. */
export class KeptTokens implements TokenStorage {
  readonly #onEnd: () => void

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd
  }

  load(): Tokens | undefined {
    const text = sessionStorage.getItem(KEY)
    return text === null ? undefined : (JSON.parse(text) as Tokens)
  }

  save(tokens: Tokens | undefined): void {
    if (tokens) sessionStorage.setItem(KEY, JSON.stringify(tokens))
    else {
      sessionStorage.removeItem(KEY)
      this.#onEnd()
    }
  }
}

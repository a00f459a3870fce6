import { io, type Socket } from 'socket.io-client'

/** The server seen from outside: REST with a token, and its live events. */
export class ApiClient {
  readonly #url: string
  #token = ''
  #socket: Socket | undefined
  readonly #heard: { name: string; event: LiveEvent }[] = []
  readonly #waiting = new Set<() => void>()

  constructor(url: string) {
    this.#url = url
  }

  async login(email: string, password: string): Promise<void> {
    const { accessToken } = await this.post<{ accessToken: string }>('/auth/login', { email, password })
    this.#token = accessToken
  }

  /** Resolves when the live connection is there. */
  async listen(): Promise<void> {
    const socket = io(this.#url, { auth: { token: this.#token }, transports: ['websocket'] })
    this.#socket = socket
    socket.onAny((name: string, event: LiveEvent) => {
      this.#heard.push({ name, event })
      for (const check of this.#waiting) check()
    })
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('connect_error', reject)
    })
  }

  /** The first event, of the past or to come, that fits. */
  heard(name: string, fits: (event: LiveEvent) => boolean): Promise<LiveEvent> {
    return new Promise((resolve) => {
      const check = () => {
        const found = this.#heard.find((heard) => heard.name === name && fits(heard.event))
        if (!found) return
        this.#waiting.delete(check)
        resolve(found.event)
      }
      this.#waiting.add(check)
      check()
    })
  }

  get<Answer>(path: string): Promise<Answer> {
    return this.#request('GET', path)
  }

  post<Answer>(path: string, body: unknown): Promise<Answer> {
    return this.#request('POST', path, body)
  }

  close(): void {
    this.#socket?.close()
  }

  async #request<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${this.#url}/api${path}`, {
      method,
      headers: {
        ...(this.#token ? { authorization: `Bearer ${this.#token}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const answer = (await response.json()) as Answer & { code?: string; detail?: string }
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status} ${answer.code}: ${answer.detail}`)
    return answer
  }
}

/** The parts of the live events that the demo looks at. */
export interface LiveEvent {
  sessionId: string
  status?: string
  qr?: string
  messageId?: string
  message?: { id: string; text?: string; chatId: string; status: string }
}

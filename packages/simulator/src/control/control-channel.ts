import { fromJsonValue, type JsonValue } from '../snapshot/codec.js'
import { SimulatorError, type SimulatorErrorCode } from '../util/errors.js'

/** Requests to a control server; its errors come out as the library would have thrown them. */
export class ControlChannel {
  readonly url: string

  constructor(url: string) {
    this.url = url
  }

  async get<T>(path: string): Promise<T> {
    return fromJsonValue(await this.getRaw<JsonValue>(path)) as T
  }

  /** Without making bytes and maps of what stands for them. */
  getRaw<T>(path: string): Promise<T> {
    return this.#request(path, { method: 'GET' })
  }

  /** With a signal, the request ends with it. */
  async post<T>(path: string, body: object, signal?: AbortSignal): Promise<T> {
    const headers = { 'content-type': 'application/json' }
    return this.#request(path, { method: 'POST', headers, body: JSON.stringify(body), ...(signal ? { signal } : {}) })
  }

  async #request<T>(path: string, init: RequestInit): Promise<T> {
    const response = await fetch(`${this.url}/${path}`, init).catch((cause: unknown) => {
      if (init.signal?.aborted) throw init.signal.reason
      throw new SimulatorError('CLOSED', `No simulator answers at ${this.url}`, { cause })
    })
    if (response.status === 204) return undefined as T
    const body: unknown = await response.json()
    if (response.ok) return body as T
    throw errorIn(body)
  }
}

function errorIn(body: unknown): Error {
  const { error } = body as { error?: { code: SimulatorErrorCode; message: string; field?: string } }
  if (!error) return new Error('The simulator answered an error of another form')
  return new SimulatorError(error.code, error.message, error.field === undefined ? {} : { field: error.field })
}

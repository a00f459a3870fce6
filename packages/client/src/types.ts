import type { AREAS, AreaName, FormBody, Route } from '@trunkline/contract'
import type { FileBytes, FileInput } from './file-body.js'
import type { MethodName } from './method-name.js'
import type { PagePromise } from './pages.js'

/** A schema of zod, as far as types go: so this package needs no zod to be understood. */
interface Schema {
  readonly _zod: { readonly input: unknown; readonly output: unknown }
}
type InputOf<S extends Schema> = S['_zod']['input']
type OutputOf<S extends Schema> = S['_zod']['output']

/** How one call is made. */
export interface CallOptions {
  /** Ends the call, and whatever it waits for, with the reason of the signal. */
  signal?: AbortSignal
  /** How long one try may take until its answer begins, in milliseconds. */
  timeoutMs?: number
  /** How often it is tried again where that is safe. */
  maxRetries?: number
  /** Sent along. */
  headers?: Readonly<Record<string, string>>
  /** Of routes that take one: a repeat of the same key does nothing twice, so that the call may be tried again. */
  idempotencyKey?: string
}

/** Every route as a method, by area: `client.sessions.create({ id: 'shop' })`. */
export type Areas = { [Area in AreaName]: AreaMethods<Area> }

type AreaMethods<Area extends AreaName> = {
  [Name in keyof RoutesOf<Area> & string as MethodName<Area, Name>]: Method<RoutesOf<Area>[Name]>
}

type RoutesOf<Area extends AreaName> = (typeof AREAS)[Area]['routes']

/** Parameters of the path one by one, then the body, then the query, then how it is called. */
type Method<R> = R extends Route ? JsonMethod<R> & BytesMethod<R> : never

type JsonMethod<R extends Route> =
  JsonOf<R> extends infer Json
    ? [Json] extends [never]
      ? unknown
      : (...input: [...Input<R>, options?: CallOptions]) => AnswerOf<R, Json>
    : never

/** Bytes are answered as they come: `response.body` is a stream. */
type BytesMethod<R extends Route> = [BytesOf<R>] extends [never]
  ? unknown
  : [JsonOf<R>] extends [never]
    ? (...input: [...Input<R>, options?: CallOptions]) => Promise<Response>
    : (...input: [...Input<R>, options: CallOptions & { accept: BytesOf<R> }]) => Promise<Response>

type AnswerOf<R extends Route, Json> = R extends { query: Schema }
  ? Json extends { items: (infer Item)[]; nextCursor?: string | undefined }
    ? PagePromise<Json, Item>
    : Promise<Json>
  : Promise<Json>

type Input<R extends Route> = [...PathOf<R['path']>, ...BodyInput<R>, ...QueryInput<R>]

/** `/sessions/:sessionId/messages` → `[sessionId: string]` */
type PathOf<Path extends string> = Path extends `${string}:${infer Rest}`
  ? Rest extends `${string}/${infer More}`
    ? [id: string, ...PathOf<`/${More}`>]
    : [id: string]
  : []

type BodyInput<R extends Route> = R extends { body: infer Body }
  ? Body extends { optional: true }
    ? [body?: BodyOf<Body>]
    : [body: BodyOf<Body>]
  : []

type BodyOf<Body> =
  | (Body extends { json: infer Json extends Schema } ? InputOf<Json> : never)
  | (Body extends { json: infer Json extends Schema; form: FormBody }
      ? WithFile<InputOf<Json>>
      : Body extends { form: infer Form extends FormBody }
        ? OutputOf<Form['fields']> & { file: FileBytes }
        : never)
  | (Body extends { bytes: object } ? Blob | ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer> : never)

/**
 * Of each shape that has a file as JSON, the same with the file itself, which is read as it is sent: `createReadStream(path)`, or
 * `await openAsBlob(path)`, which can be sent again when the first try fails; a `File` of a page.
 */
type WithFile<Json> = Json extends { media: unknown } ? Omit<Json, 'media'> & { media: FileInput } : never

/** As it is meant, not as it is written: numbers and flags. */
type QueryInput<R extends Route> = R extends { query: infer Query extends Schema }
  ? Partial<OutputOf<Query>> extends OutputOf<Query>
    ? [query?: OutputOf<Query>]
    : [query: OutputOf<Query>]
  : []

type ResponsesOf<R extends Route> = R['responses'][keyof R['responses']]

type JsonOf<R extends Route> =
  ResponsesOf<R> extends infer Response
    ? Response extends { json: infer Json extends Schema }
      ? OutputOf<Json>
      : Response extends { bytes: readonly string[] } | { stream: readonly string[] }
        ? never
        : // 204
          undefined
    : never

type BytesOf<R extends Route> =
  ResponsesOf<R> extends infer Response
    ?
        | (Response extends { bytes: readonly (infer Type extends string)[] } ? Type : never)
        | (Response extends { stream: readonly (infer Type extends string)[] } ? Type : never)
    : never

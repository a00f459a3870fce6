import { z } from 'zod'
import type { FormBody } from '../route.js'
import type { Components } from './components.js'
import { examplesOf } from './example.js'
import type { Direction, JsonSchema } from './json-schema.js'

export interface MediaType {
  schema?: JsonSchema
  examples?: Record<string, { value: unknown }>
  /** Of the parts of a form. */
  encoding?: Record<string, { contentType: string }>
}

export type Schemas = Readonly<Record<string, JsonSchema>>

/** What is finished when all schemas have their names. */
export type Later<Value> = (schemas: Schemas) => Value

/** A value as JSON, with examples. `name`: what its schema is called when it has no name of its own. */
export function jsonContent(
  schema: z.ZodType,
  { io, name, components }: { io: Direction; name: string; components: Components },
): Later<Record<string, MediaType>> {
  const reference = components.add(schema, io, name)
  return (schemas) => {
    const examples = examplesOf(reference(), schemas).map((example) => [example.name, { value: example.value }])
    return { 'application/json': { schema: reference(), examples: Object.fromEntries(examples) } }
  }
}

/** Parts with fields, and one with the file, whose bytes have no example. */
export function formContent(
  { fields, file }: FormBody,
  { name, components }: { name: string; components: Components },
): Later<Record<string, MediaType>> {
  const { description, mediaTypes } = file
  const contentType = mediaTypes.join(', ')
  const bytes = z.unknown().meta({ description, contentMediaType: contentType })
  // Parts are written as text and meant as what they are read as.
  const reference = components.add(fields.extend({ file: bytes }).meta({ ...fields.meta() }), 'output', `${name}Fields`)
  return () => ({ 'multipart/form-data': { schema: reference(), encoding: { file: { contentType } } } })
}

/** Bytes are the value itself, which OpenAPI 3.1 says by having no schema. */
export function bytesContent(mediaTypes: readonly string[]): Record<string, MediaType> {
  return Object.fromEntries(mediaTypes.map((mediaType) => [mediaType, {}]))
}

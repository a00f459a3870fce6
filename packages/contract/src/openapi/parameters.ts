import type { z } from 'zod'
import type { Route } from '../route.js'
import type { Components } from './components.js'
import { examplesOf } from './example.js'
import { type JsonSchema, nameOf } from './json-schema.js'
import type { Later, Schemas } from './media-type.js'

export interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required: boolean
  description: string
  schema: JsonSchema
  example?: unknown
}

const STREAM_HEADERS = {
  Range: 'One range of bytes to be sent alone, `bytes=0-1023` for example.',
  'If-Range': 'The `ETag` of what is there already: with another one everything is sent.',
  'If-None-Match': 'The `ETag` of what is there already: 304 when it is the same.',
}

/** Everything that a route takes outside of its body, to be finished when all schemas have their names. */
export function parametersOf(route: Route, components: Components): Later<Parameter[]> {
  const groups = [
    ['path', route.params],
    ['query', route.query],
    ['header', route.headers],
  ] as const
  const parameters = groups.flatMap(([place, fields]) =>
    Object.entries<z.ZodType>(fields?.shape ?? {}).map(([name, field]) => {
      const required = !field.safeParse(undefined).success
      // They are written as text and meant as what they are read as: a number, a flag.
      const schema = components.add(field, 'output')
      return (schemas: Schemas) => parameterOf({ name, in: place, required }, { schema: schema(), schemas })
    }),
  )
  return (schemas) => [...parameters.map((parameter) => parameter(schemas)), ...streamParameters(route)]
}

function parameterOf(
  place: Pick<Parameter, 'name' | 'in' | 'required'>,
  { schema: { description, examples, ...schema }, schemas }: { schema: JsonSchema; schemas: Schemas },
): Parameter {
  const named = schema.$ref === undefined ? undefined : schemas[nameOf(schema.$ref)]
  const [own] = examples ?? (place.required ? examplesOf(schema, schemas).map(({ value }) => value) : [])
  const example = typeof own === 'string' && schema.type === 'integer' ? Number(own) : own
  return {
    ...place,
    description: description ?? named?.description ?? '',
    schema,
    ...(example === undefined ? {} : { example }),
  }
}

function streamParameters({ responses }: Route): Parameter[] {
  if (!Object.values(responses).some(({ stream }) => stream)) return []
  return Object.entries(STREAM_HEADERS).map(([name, description]) => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  }))
}

import { type JsonSchema, nameOf } from './json-schema.js'

export interface Example {
  /** What tells it from the others of the same schema. */
  name: string
  value: unknown
}

type Schemas = Readonly<Record<string, JsonSchema>>

const TIME = '2026-11-28T12:00:00.000Z'
/** For texts that have to look like something and do not say what. */
const TEXTS = ['text', '15550000001', '1']

/** Examples of a schema: its own, or one for each of several shapes, made of the examples of its fields. */
export function examplesOf(schema: JsonSchema, schemas: Schemas): Example[] {
  const target = resolve(schema, schemas)
  if (target.examples)
    return target.examples.map((value, index) => ({ name: index === 0 ? 'example' : `example-${index + 1}`, value }))
  const options = target.oneOf ?? target.anyOf
  if (!options) return [{ name: 'example', value: exampleOf(target, schemas) }]
  return options.map((option, index) => ({
    name: discriminatorOf(resolve(option as JsonSchema, schemas)) ?? `example-${index + 1}`,
    value: exampleOf(option as JsonSchema, schemas),
  }))
}

function exampleOf(schema: JsonSchema, schemas: Schemas): unknown {
  const target = resolve(schema, schemas)
  if (schema.examples?.length) return schema.examples[0]
  if (target.examples?.length) return target.examples[0]
  if (target.const !== undefined) return target.const
  if (target.enum?.length) return target.enum[0]
  const [option] = target.oneOf ?? target.anyOf ?? []
  if (option !== undefined) return exampleOf(option as JsonSchema, schemas)
  if (target.type === 'object') return objectOf(target, schemas)
  if (target.type === 'array') return [exampleOf(target.items as JsonSchema, schemas)]
  if (target.type === 'string') return textOf(target)
  if (target.type === 'integer' || target.type === 'number') return Math.max(1, target.minimum ?? 1)
  return target.type === 'boolean' ? true : null
}

/** Every field that has to be there, and of the others those that say what they may look like. */
function objectOf(
  { properties = {}, required = [], additionalProperties }: JsonSchema,
  schemas: Schemas,
): Record<string, unknown> {
  const shown = Object.entries(properties as Record<string, JsonSchema>).filter(
    ([name, field]) => required.includes(name) || field.examples !== undefined,
  )
  const others = required.filter((name) => !(name in properties)).map((name) => [name, additionalProperties])
  return Object.fromEntries(
    [...shown, ...others].map(([name, field]) => [name, exampleOf(field as JsonSchema, schemas)]),
  )
}

function textOf({ format, pattern }: JsonSchema): string {
  if (format === 'date-time') return TIME
  if (format === 'uri') return 'https://example.org/'
  const fits = (text: string) => pattern === undefined || new RegExp(pattern, 'u').test(text)
  return TEXTS.find(fits) ?? ''
}

function discriminatorOf({ properties = {} }: JsonSchema): string | undefined {
  const fixed = Object.values(properties as Record<string, JsonSchema>).find((field) => typeof field.const === 'string')
  return fixed && String(fixed.const)
}

function resolve(schema: JsonSchema, schemas: Schemas): JsonSchema {
  if (schema.$ref === undefined) return schema
  const { $ref, ...own } = schema
  return { ...resolve(schemas[nameOf($ref)] ?? {}, schemas), ...own }
}

import { expect, it } from 'vitest'
import { z } from 'zod'
import * as contract from './index.js'

/** Every field of every schema that this package gives away, by its path; those of objects in lists, records and unions too. */
const fields = new Map<string, z.core.$ZodType>()
const exported = Object.entries<unknown>(contract).flatMap(([name, value]) =>
  value instanceof z.ZodType ? [{ path: name, schema: value }] : [],
)
const events = Object.entries<z.ZodType>(contract.EVENTS).map(([path, schema]) => ({ path, schema }))
for (const { path, schema } of [...exported, ...events, ...partsOfRoutes()]) walk(schema, path)

function partsOfRoutes(): { path: string; schema: z.ZodType }[] {
  return Object.entries<contract.Route>(contract.ROUTES).flatMap(([name, { params, query, body, responses }]) => {
    const answers = Object.entries(responses).map(([status, { json }]) => ({ path: `${name} ${status}`, schema: json }))
    const parts = [
      { path: `${name} params`, schema: params },
      { path: `${name} query`, schema: query },
      { path: `${name} body`, schema: body?.json },
      { path: `${name} body form`, schema: body?.form?.fields },
      ...answers,
    ]
    return parts.flatMap(({ path, schema }) => (schema ? [{ path, schema }] : []))
  })
}

function walk(schema: z.core.$ZodType, path: string): void {
  for (const inner of innerOf(schema)) walk(inner, path)
  if (!(schema instanceof z.ZodObject)) return
  for (const [name, field] of Object.entries<z.core.$ZodType>(schema.shape)) {
    fields.set(`${path}.${name}`, field)
    walk(field, `${path}.${name}`)
  }
}

/** What a schema is made of, itself left out. */
function innerOf(schema: z.core.$ZodType): z.core.$ZodType[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return [schema.unwrap()]
  if (schema instanceof z.ZodArray) return [schema.element]
  if (schema instanceof z.ZodRecord) return [schema.valueType]
  if (schema instanceof z.ZodUnion) return [...schema.options]
  if (schema instanceof z.ZodPipe) return [schema.in, schema.out]
  return []
}

/** Its own, or that of what may be left out or be null. */
function descriptionOf(schema: z.core.$ZodType): string | undefined {
  const own = z.globalRegistry.get(schema)?.description
  if (own || !(schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)) return own
  return descriptionOf(schema.unwrap())
}

it('every field of every schema says what it is, in a sentence', () => {
  expect(fields.size).toBeGreaterThan(400)
  const bare = [...fields].filter(([, field]) => !/^[A-Z`].{3,}\.$/s.test(descriptionOf(field) ?? ''))
  expect(bare.map(([path]) => path)).toEqual([])
})

it('every schema of a route can be written down as JSON Schema, with what its fields say', () => {
  for (const { path, schema } of partsOfRoutes()) {
    const json = z.toJSONSchema(schema, { io: path.includes(' body') || path.includes(' query') ? 'input' : 'output' })
    expect(json, path).toMatchObject({ $schema: expect.any(String) })
  }
  const { $defs } = z.toJSONSchema(contract.createSessionSchema, { io: 'input' })
  expect($defs?.CreateSession?.properties).toMatchObject({
    label: { description: 'Name for people.', maxLength: 100 },
    metadata: { description: "The caller's own names and values.", type: 'object' },
  })
})

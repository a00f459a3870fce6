import { z } from 'zod'

/** A JSON Schema 2020-12, the one of OpenAPI 3.1. */
export type JsonSchema = z.core.JSONSchema.BaseSchema

/** Whether a schema is read for what comes in, or for what goes out: a default, a trim or a parsed number tell them apart. */
export type Direction = 'input' | 'output'

/** A schema as JSON Schema, with the named ones that it is made of in `$defs`. */
export function toJsonSchema(schema: z.ZodType, io: Direction): JsonSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io,
    override({ zodSchema, jsonSchema }) {
      // Answers may gain fields.
      if (io === 'output' && zodSchema._zod.def.type === 'object' && !isStrict(zodSchema)) {
        delete jsonSchema.additionalProperties
      }
      // Its pattern says exactly what is taken; readers of the format take more or less.
      if (jsonSchema.format === 'email' && jsonSchema.pattern) delete jsonSchema.format
      // What every number of JavaScript keeps to says nothing.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
      // Of what may be null the words stand with the whole.
      const [inner, none] = (jsonSchema.anyOf ?? []) as JsonSchema[]
      if (none?.type === 'null' && inner?.description && !jsonSchema.description) {
        const { description, examples, ...rest } = inner
        Object.assign(jsonSchema, { description, ...(examples ? { examples } : {}), anyOf: [rest, none] })
      }
      if ('example' in jsonSchema) {
        jsonSchema.examples = [jsonSchema.example]
        delete jsonSchema.example
      }
      delete jsonSchema.id
    },
  })
  return json
}

function isStrict(schema: z.core.$ZodType): boolean {
  return schema instanceof z.ZodObject && schema.def.catchall !== undefined
}

/** The same schema with every reference written by `rename`. */
export function withReferences(schema: JsonSchema, rename: (name: string) => string): JsonSchema {
  return replaced(schema) as JsonSchema

  function replaced(part: unknown): unknown {
    if (Array.isArray(part)) return part.map(replaced)
    if (typeof part !== 'object' || part === null) return part
    return Object.fromEntries(
      Object.entries(part).map(([key, value]) =>
        key === '$ref' ? [key, rename(nameOf(String(value)))] : [key, replaced(value)],
      ),
    )
  }
}

/** The names that a schema refers to. */
export function referencesOf(schema: JsonSchema): string[] {
  const names: string[] = []
  withReferences(schema, (name) => {
    names.push(name)
    return name
  })
  return names
}

/** Of `#/$defs/Session`: `Session`. */
export function nameOf(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1)
}

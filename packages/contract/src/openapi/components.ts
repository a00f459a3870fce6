import type { z } from 'zod'
import { type Direction, type JsonSchema, nameOf, referencesOf, toJsonSchema, withReferences } from './json-schema.js'

const DIRECTIONS = ['output', 'input'] as const

/**
 * Named schemas, each written down once. A schema is named by its `id` (`.meta({ id: 'Session' })`), or by the place where it stands.
 * One that reads otherwise when it comes in is there twice: `Settings` and `SettingsInput`.
 */
export class Components {
  readonly #schemas: Record<Direction, Map<string, JsonSchema>> = { input: new Map(), output: new Map() }
  #differing: ReadonlySet<string> | undefined

  /** What stands in the place of the schema, once all were added. `name`: what it is called when it has no name of its own. */
  add(schema: z.ZodType, io: Direction, name?: string): () => JsonSchema {
    const { $defs = {}, ...json } = toJsonSchema(schema, io)
    for (const [id, definition] of Object.entries($defs)) this.#define(id, definition as JsonSchema, io)
    if (name === undefined || isReference(json)) return () => this.#resolved(json, io)
    this.#define(name, json, io)
    return () => this.#resolved({ $ref: name }, io)
  }

  /** By name. */
  all(): Record<string, JsonSchema> {
    const found = DIRECTIONS.flatMap((io) =>
      [...this.#schemas[io]].map(([name, schema]) => [this.#nameOf(name, io), this.#resolved(schema, io)] as const),
    )
    return Object.fromEntries(found.sort(([a], [b]) => a.localeCompare(b)))
  }

  #define(name: string, schema: JsonSchema, io: Direction): void {
    const known = this.#schemas[io].get(name)
    if (known && !isSame(known, schema)) throw new Error(`Two schemas are called ${name}`)
    this.#schemas[io].set(name, schema)
    this.#differing = undefined
  }

  #resolved(schema: JsonSchema, io: Direction): JsonSchema {
    return withReferences(schema, (name) => `#/components/schemas/${this.#nameOf(name, io)}`)
  }

  #nameOf(name: string, io: Direction): string {
    this.#differing ??= this.#findDiffering()
    return io === 'input' && this.#differing.has(name) ? `${name}Input` : name
  }

  /** Names that mean something else when they come in: by themselves, or by what they are made of. */
  #findDiffering(): ReadonlySet<string> {
    const { input, output } = this.#schemas
    const both = [...input].filter(([name]) => output.has(name))
    const differing = new Set(both.filter(([name, schema]) => !isSame(schema, output.get(name))).map(([name]) => name))
    for (let before = -1; before !== differing.size; ) {
      before = differing.size
      for (const [name, schema] of both) {
        if (referencesOf(schema).some((reference) => differing.has(reference))) differing.add(name)
      }
    }
    return differing
  }
}

function isReference(schema: JsonSchema): boolean {
  return schema.$ref !== undefined && Object.keys(schema).length === 1 && nameOf(schema.$ref) !== ''
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

import type { OpenApiDocument } from '@trunkline/contract/openapi'
import { type Html, html, inline } from './html.js'

export type JsonSchema = OpenApiDocument['components']['schemas'][string]

/** A named schema with its fields. */
export function schemaSection(name: string, schema: JsonSchema): Html {
  return html`<article id="schema-${name}"><h3><a href="#schema-${name}">${name}</a></h3>
${schema.description && html`<p>${inline(schema.description)}</p>`}
${schema.properties ? fieldsTable(schema) : html`<p>${typeOf(schema)}</p>`}</article>`
}

/** What a value is, in a few words; named schemas are linked. */
export function typeOf(schema: JsonSchema): Html {
  if (schema.$ref) {
    const name = schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)
    return html`<a href="#schema-${name.replace(/.+Problem$/, 'Problem')}">${name}</a>`
  }
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`
  if (schema.enum) return html`${between(schema.enum.map((value) => html`<code>${String(value)}</code>`))}`
  const options = (schema.oneOf ?? schema.anyOf) as JsonSchema[] | undefined
  if (options) return html`${between(options.map(typeOf))}`
  if (schema.type === 'array') return html`list of ${typeOf((schema.items ?? {}) as JsonSchema)}`
  if (schema.properties) return html`object`
  if (schema.type === 'object') return html`object of ${typeOf((schema.additionalProperties || {}) as JsonSchema)}`
  return html`${schema.type ?? 'anything'}${limitsOf(schema)}`
}

function fieldsTable({ properties = {}, required = [] }: JsonSchema): Html {
  return html`<table>${Object.entries(properties as Record<string, JsonSchema>).map(
    ([
      name,
      field,
    ]) => html`<tr><th><code>${name}</code>${required.includes(name) ? html` <i>always</i>` : undefined}</th>
<td>${typeOf(field)}</td><td>${field.description && inline(field.description)}${innerOf(field)}</td></tr>`,
  )}</table>`
}

/** The fields of an object without a name of its own. */
function innerOf(field: JsonSchema): Html | undefined {
  const object = field.properties ? field : ((field.items ?? {}) as JsonSchema)
  return object.properties ? fieldsTable(object) : undefined
}

function limitsOf({ format, minLength, maxLength, minimum, maximum, pattern }: JsonSchema): string {
  const words = [
    format,
    pattern && !format && `like ${pattern}`,
    minLength !== undefined && `${minLength} signs or more`,
    maxLength !== undefined && `${maxLength} signs at most`,
    minimum !== undefined && `${minimum} or more`,
    maximum !== undefined && `${maximum} at most`,
  ].filter(Boolean)
  return words.length > 0 ? ` (${words.join(', ')})` : ''
}

function between(parts: Html[]): Html[] {
  return parts.flatMap((part, index) => (index === 0 ? [part] : [html` · `, part]))
}

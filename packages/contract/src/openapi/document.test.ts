import { Validator } from '@seriousme/openapi-schema-validator'
import { ERRORS } from '@trunkline/core'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { AREAS, errorCodesOf, HTTP_STATUS, ROUTES, type Route } from '../index.js'
import { openApiDocument } from '../openapi.js'
import type { Answer } from './answers.js'
import type { MediaType } from './media-type.js'

const document = openApiDocument({ areas: AREAS, version: '1.2.3', basePath: '/api', errors: ERRORS })
const { schemas, responses } = document.components

const ajv = new Ajv2020({ strict: false, allErrors: true })
beforeAll(() => {
  addFormats.default(ajv)
  ajv.addSchema({ ...document, $id: 'document' })
})

const operations = Object.entries<Route>(ROUTES).map(([name, route]) => {
  const path = route.path.replace(/:(\w+)/g, '{$1}')
  return { name, route, operation: document.paths[path]?.[route.method.toLowerCase()] }
})

function answerOf(answer: Answer | { $ref: string } | undefined): Answer | undefined {
  return answer && '$ref' in answer ? responses[answer.$ref.replace('#/components/responses/', '')] : answer
}

describe('the OpenAPI document', () => {
  it('is a valid one', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document))
    expect(errors).toBeUndefined()
    expect(valid).toBe(true)
    expect(document).toMatchObject({ info: { version: '1.2.3' }, servers: [{ url: '/api' }] })
  })

  it('has every route of the table once, and nothing else', () => {
    const ids = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    )
    expect(ids.toSorted()).toEqual(Object.keys(ROUTES).toSorted())
    expect(operations.filter(({ name, operation }) => operation?.operationId !== name)).toEqual([])
  })

  it('refers to nothing that is not there, and holds nothing that is not referred to', () => {
    const references = new Set(JSON.stringify(document).match(/#\/components\/(?:schemas|responses)\/\w+/g))
    const written = Object.entries({ schemas, responses }).flatMap(([kind, parts]) =>
      Object.keys(parts).map((name) => `#/components/${kind}/${name}`),
    )
    expect([...references].toSorted()).toEqual(written.toSorted())
  })

  it('writes no shape of three fields or more down twice', () => {
    const seen = new Map<string, string>()
    const twice: string[] = []
    walk(document, '', (part, path) => {
      if (part.type !== 'object' || Object.keys(Object(part.properties)).length < 3) return
      const { description: _, ...shape } = part
      const text = JSON.stringify(shape)
      const first = seen.get(text)
      if (first !== undefined) twice.push(`${first} = ${path}`)
      seen.set(text, path)
    })
    expect(twice).toEqual([])
  })

  it('says of every field, parameter, answer and tag what it is', () => {
    const bare: string[] = []
    walk(document, '', (part, path) => {
      for (const [name, field] of Object.entries(Object(part.properties) as Record<string, Record<string, unknown>>)) {
        const target = schemas[String(field.$ref).replace('#/components/schemas/', '')]
        const isFixed = path.endsWith('Problem')
        if (!isFixed && !(field.description ?? target?.description)) bare.push(`${path}.${name}`)
      }
    })
    for (const { name, operation } of operations) {
      for (const parameter of operation?.parameters ?? [])
        if (!parameter.description) bare.push(`${name} ${parameter.name}`)
      for (const answer of Object.values(operation?.responses ?? {}))
        if (!answerOf(answer)?.description) bare.push(name)
    }
    bare.push(...document.tags.filter(({ description }) => !description).map(({ name }) => name))
    expect(bare).toEqual([])
  })
})

describe.each(operations)('$name in the document', ({ route, operation }) => {
  it('takes the parameters of the table', () => {
    const expected = [route.params, route.query, route.headers].flatMap((group) => Object.keys(group?.shape ?? {}))
    const streamed = ['Range', 'If-Range', 'If-None-Match']
    const written = operation?.parameters?.map(({ name }) => name).filter((name) => !streamed.includes(name)) ?? []
    expect(written.toSorted()).toEqual(expected.toSorted())
    for (const parameter of operation?.parameters ?? []) {
      expect(parameter.required ? parameter.example : 'given').toBeDefined()
      if (parameter.example !== undefined) expect(errorsOf(parameter.schema, parameter.example)).toEqual([])
    }
  })

  it('answers what the table says, and every error with its code and status', () => {
    const codes = errorCodesOf(route)
    const statuses = new Set([...Object.keys(route.responses), ...codes.map((code) => String(HTTP_STATUS[code]))])
    expect(
      Object.keys(operation?.responses ?? {})
        .filter((status) => !['206', '304'].includes(status))
        .toSorted(),
    ).toEqual([...statuses].toSorted())
    for (const code of codes) {
      const media = answerOf(operation?.responses[HTTP_STATUS[code]])?.content?.['application/problem+json']
      expect(media?.examples).toHaveProperty(code)
    }
  })

  it('asks for what the table asks for', () => {
    const rights = { public: [], 'signed-in': [{ bearer: [] }, { apiKey: [] }] }
    const { access } = route
    const expected =
      access === 'public' || access === 'signed-in' ? rights[access] : [{ bearer: [access] }, { apiKey: [access] }]
    expect(operation?.security).toEqual(expected)
  })

  it('has examples for each body and answer, which its schemas take', () => {
    const answers = Object.values(operation?.responses ?? {}).map(answerOf)
    const contents = [operation?.requestBody?.content, ...answers.map((answer) => answer?.content)]
    for (const [mediaType, media] of contents.flatMap((content) => Object.entries<MediaType>(content ?? {}))) {
      if (!mediaType.endsWith('json')) continue
      expect(Object.keys(media.examples ?? {})).not.toEqual([])
      for (const { value } of Object.values(media.examples ?? {})) expect(errorsOf(media.schema, value)).toEqual([])
    }
  })

  it('has an example of its body that the route itself takes', () => {
    const { json } = route.body ?? {}
    if (!json) return
    for (const { value } of Object.values(operation?.requestBody?.content['application/json']?.examples ?? {})) {
      expect(json.safeParse(value).error?.issues).toBeUndefined()
    }
  })
})

it('tells of forms, bytes and streams', () => {
  const body = {
    json: z.strictObject({ name: z.string().meta({ description: 'A name.' }) }).meta({ id: 'Named' }),
    form: {
      fields: z.strictObject({ width: z.string().transform(Number).pipe(z.int()).meta({ description: 'A width.' }) }),
      file: { description: 'A picture.', mediaTypes: ['image/png'], maxBytes: 1 },
    },
    bytes: { mediaTypes: ['image/*'], maxBytes: 1 },
  }
  const route = {
    ...ROUTES.version,
    method: 'PUT',
    path: '/file',
    body,
    responses: { 200: { stream: ['*/*'] } },
  } as const
  const written = openApiDocument({
    areas: { files: { description: 'F.', routes: { route } } },
    version: '1',
    errors: ERRORS,
  })
  const { requestBody, parameters, responses: answers } = written.paths['/file']?.put ?? {}
  expect(Object.keys(requestBody?.content ?? {})).toEqual(['application/json', 'multipart/form-data', 'image/*'])
  expect(requestBody?.content['multipart/form-data']).toMatchObject({
    schema: { $ref: '#/components/schemas/RouteBodyFields' },
    encoding: { file: { contentType: 'image/png' } },
  })
  expect(written.components.schemas.RouteBodyFields).toMatchObject({
    properties: { width: { type: 'integer' }, file: { description: 'A picture.', contentMediaType: 'image/png' } },
    required: ['width', 'file'],
    additionalProperties: false,
  })
  expect(parameters?.map(({ name }) => name)).toEqual(['Range', 'If-Range', 'If-None-Match'])
  expect(Object.keys(answers ?? {})).toEqual(expect.arrayContaining(['200', '206', '304', '416']))
})

it('tells schemas of one name apart that mean two things', () => {
  const named = (schema: z.ZodType) => ({
    ...ROUTES.version,
    method: 'POST' as const,
    path: '/a' as const,
    body: { json: schema },
  })
  const one = z.object({ a: z.string() }).meta({ id: 'Clash' })
  const other = z.object({ b: z.string() }).meta({ id: 'Clash' })
  const areas = {
    area: { description: 'A.', routes: { one: named(one), other: { ...named(other), path: '/b' as const } } },
  }
  expect(() => openApiDocument({ areas, version: '1', errors: ERRORS })).toThrow('Two schemas are called Clash')
})

function errorsOf(schema: object | undefined, value: unknown): string[] {
  const rooted = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/'))
  const validate = ajv.compile(rooted)
  validate(value)
  return validate.errors?.map(({ instancePath, message }) => `${instancePath} ${message}`) ?? []
}

function walk(part: unknown, path: string, visit: (part: Record<string, unknown>, path: string) => void): void {
  if (typeof part !== 'object' || part === null) return
  visit(part as Record<string, unknown>, path)
  for (const [key, value] of Object.entries(part)) walk(value, `${path}/${key}`, visit)
}

import type { ErrorCode } from '../http-status.js'
import { problemSchema } from '../problem.js'
import type { Area } from '../route.js'
import type { Answer } from './answers.js'
import { Components } from './components.js'
import { DESCRIPTION } from './description.js'
import type { JsonSchema } from './json-schema.js'
import { type Operation, operationOf } from './operation.js'
import { Problems } from './problems.js'

export interface DocumentOptions {
  /** The routes that are served, by the part that they belong to. */
  areas: Readonly<Record<string, Area>>
  /** Of the software that serves them. */
  version: string
  /** Where they are mounted, `/api` for example; where the document lies unless given. */
  basePath?: string | undefined
  /** The sentence of each code. */
  errors: Readonly<Record<ErrorCode, { message: string }>>
}

/** OpenAPI 3.1.1, as far as this package writes it. */
export type OpenApiDocument = {
  openapi: string
  info: { title: string; version: string; description: string; license: { name: string; identifier: string } }
  servers: { url: string }[]
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, Operation>>
  components: {
    schemas: Record<string, JsonSchema>
    responses: Record<string, Answer>
    securitySchemes: Record<string, object>
  }
}

/** The interface as an OpenAPI document: every route, field, answer and error of the table, and nothing that is not in it. */
export function openApiDocument({ areas, version, basePath = '.', errors }: DocumentOptions): OpenApiDocument {
  const components = new Components()
  const problems = new Problems(errors)
  const routes = Object.entries(areas).flatMap(([tag, area]) =>
    Object.entries(area.routes).map(([name, route]) => ({ name, route, tag })),
  )
  // Schemas get their final names when all are known.
  const finish = routes.map(({ name, route, tag }) => ({
    path: route.path.replace(/:(\w+)/g, '{$1}'),
    method: route.method.toLowerCase(),
    operation: operationOf({ name, route, tag }, { components, problems }),
  }))
  components.add(problemSchema, 'output')
  const schemas = { ...components.all(), ...problems.schemas() }

  const paths: OpenApiDocument['paths'] = {}
  for (const { path, method, operation } of finish) paths[path] = { ...paths[path], [method]: operation(schemas) }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Trunkline',
      version,
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: basePath }],
    tags: Object.entries(areas)
      .filter(([, { routes }]) => Object.keys(routes).length > 0)
      .map(([name, { description }]) => ({ name, description })),
    paths,
    components: {
      schemas,
      responses: problems.all(),
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'The access token of `POST /auth/login`, or an API key.',
        },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'A key for machines.' },
      },
    },
  }
}

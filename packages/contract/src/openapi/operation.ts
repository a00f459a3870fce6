import { errorCodesOf, type RequestBody, type Route } from '../route.js'
import { type Answer, answersOf } from './answers.js'
import type { Components } from './components.js'
import { bytesContent, formContent, jsonContent, type Later, type MediaType } from './media-type.js'
import { type Parameter, parametersOf } from './parameters.js'
import type { Problems } from './problems.js'

export interface Operation {
  operationId: string
  tags: string[]
  summary: string
  description: string
  /** OpenAPI 3.1 lets a scheme name the rights that it has to carry. */
  security: Record<string, string[]>[]
  'x-permission'?: string
  parameters?: Parameter[]
  requestBody?: { required: boolean; content: Record<string, MediaType> }
  responses: Record<string, Answer | { $ref: string }>
}

interface Context {
  components: Components
  problems: Problems
}

/** One route as an operation. */
export function operationOf(
  { name, route, tag }: { name: string; route: Route; tag: string },
  { components, problems }: Context,
): Later<Operation> {
  const title = `${name.charAt(0).toUpperCase()}${name.slice(1)}`
  const parameters = parametersOf(route, components)
  const body = route.body && bodyOf(route.body, { name: `${title}Body`, components })
  const answers = answersOf(route, { name: `${title}Answer`, components })
  const errors = problems.add(errorCodesOf(route))
  return (schemas) => {
    const given = parameters(schemas)
    return {
      operationId: name,
      tags: [tag],
      summary: route.summary,
      ...accessOf(route),
      ...(given.length > 0 ? { parameters: given } : {}),
      ...(body ? { requestBody: { required: route.body?.optional !== true, content: body(schemas) } } : {}),
      responses: { ...answers(schemas), ...errors },
    }
  }
}

function accessOf({ access }: Route): Pick<Operation, 'description' | 'security' | 'x-permission'> {
  if (access === 'public') return { description: 'Needs no login.', security: [] }
  if (access === 'signed-in') return { description: 'Needs a login.', security: [{ bearer: [] }, { apiKey: [] }] }
  return {
    description: `Needs the permission \`${access}\`.`,
    security: [{ bearer: [access] }, { apiKey: [access] }],
    'x-permission': access,
  }
}

function bodyOf(
  { json, bytes, form }: RequestBody,
  { name, components }: { name: string; components: Components },
): Later<Record<string, MediaType>> {
  const content = json && jsonContent(json, { io: 'input', name, components })
  const parts = form && formContent(form, { name, components })
  return (schemas) => ({ ...content?.(schemas), ...parts?.(schemas), ...bytesContent(bytes?.mediaTypes ?? []) })
}

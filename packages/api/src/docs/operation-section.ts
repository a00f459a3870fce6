import type { OpenApiDocument } from '@trunkline/contract/openapi'
import { type Html, html, inline } from './html.js'
import { type JsonSchema, typeOf } from './schema-section.js'

type Operation = OpenApiDocument['paths'][string][string]
type Answer = Exclude<Operation['responses'][string], { $ref: string }>
type Content = NonNullable<Answer['content']>

interface Placed {
  method: string
  path: string
  operation: Operation
}

interface Context {
  document: OpenApiDocument
  base: string
}

/** One route: what it takes, what it answers, and a call to try. */
export function operationSection({ method, path, operation }: Placed, { document, base }: Context): Html {
  const { operationId, summary, description, parameters, requestBody, responses } = operation
  const { responses: shared } = document.components
  const answers = Object.entries(responses).map(([status, answer]) => ({
    status,
    answer: '$ref' in answer ? shared[answer.$ref.replace('#/components/responses/', '')] : answer,
  }))
  return html`<article id="${operationId}">
<h3><a href="#${operationId}"><b class="${method}">${method}</b> ${path}</a></h3>
<p>${inline(summary)} <span class="access">${inline(description)}</span></p>
${parameters && parametersTable(parameters)}
${requestBody && html`<h4>Body${requestBody.required ? undefined : ', which may be left out'}</h4>${contentOf(requestBody.content)}`}
<h4>Answers</h4>
${answers.map(({ status, answer }) => answer && answerDetails(status, answer))}
<details class="try"><summary>Call it</summary><pre>${curl({ method, path, operation }, base)}</pre></details>
</article>`
}

function parametersTable(parameters: NonNullable<Operation['parameters']>): Html {
  return html`<h4>Parameters</h4><table>${parameters.map(
    (
      parameter,
    ) => html`<tr><th><code>${parameter.name}</code>${parameter.required ? html` <i>required</i>` : undefined}</th>
<td>${parameter.in}, ${typeOf(parameter.schema)}</td><td>${inline(parameter.description)}</td></tr>`,
  )}</table>`
}

function answerDetails(status: string, { description, headers = {}, content = {} }: Answer): Html {
  // Errors all look alike: their codes say it.
  const isError = Number(status) >= 400
  const more = !isError && Object.keys(headers).length + Object.keys(content).length > 0
  const line = html`<b class="status-${status.charAt(0)}">${status}</b> ${inline(description)}`
  if (!more) return html`<p class="answer">${line}</p>`
  return html`<details class="answer"><summary>${line}</summary>
${Object.entries(headers).map(([name, header]) => html`<p><code>${name}</code>: ${inline(header.description)}</p>`)}
${contentOf(content)}</details>`
}

function contentOf(content: Content): Html {
  return html`${Object.entries(content).map(
    ([
      mediaType,
      { schema, examples = {} },
    ]) => html`<p><code>${mediaType}</code> ${schema && typeOf(schema as JsonSchema)}</p>
${Object.values(examples).map(({ value }) => html`<pre>${JSON.stringify(value, null, 2)}</pre>`)}`,
  )}`
}

/** For a shell, with an address to fill in. */
function curl({ method, path, operation }: Placed, base: string): string {
  const [[mediaType, body] = []] = Object.entries(operation.requestBody?.content ?? {})
  const example = Object.values(body?.examples ?? {})[0]?.value
  const target = path.replace(/\{(\w+)\}/g, (_, name) => {
    const given = operation.parameters?.find((parameter) => parameter.name === name)?.example
    return encodeURIComponent(String(given ?? name))
  })
  const query = operation.parameters
    ?.filter((parameter) => parameter.in === 'query' && parameter.required)
    .map(({ name, example: given }) => `${name}=${encodeURIComponent(String(given))}`)
  const lines = [
    `curl${method === 'get' ? '' : ` -X ${method.toUpperCase()}`} "$SERVER${base}${target}${query?.length ? `?${query.join('&')}` : ''}"`,
    ...(operation.security.length > 0 ? ['-H "Authorization: Bearer $ACCESS_TOKEN"'] : []),
    ...(mediaType ? [`-H 'Content-Type: ${mediaType}'`] : []),
    ...(example === undefined ? [] : [`-d '${JSON.stringify(example)}'`]),
  ]
  return lines.join(' \\\n  ')
}

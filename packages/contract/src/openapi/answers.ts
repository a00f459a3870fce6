import type { ResponseBody, Route } from '../route.js'
import type { Components } from './components.js'
import { bytesContent, jsonContent, type Later, type MediaType } from './media-type.js'

export interface Answer {
  description: string
  headers?: Record<string, Header>
  content?: Record<string, MediaType>
}

interface Header {
  description: string
  schema: { type: 'string' | 'integer' }
}

const SAYS: Readonly<Record<string, string>> = {
  200: 'Done.',
  201: 'Made.',
  202: 'Taken: it is done later.',
  204: 'Done, and there is nothing to say.',
}

const STREAM_HEADERS: Record<string, Header> = {
  ETag: { description: 'Stands for exactly these bytes.', schema: { type: 'string' } },
  'Accept-Ranges': { description: 'A part can be asked for by `Range`.', schema: { type: 'string' } },
}

const CONTENT_RANGE: Record<string, Header> = {
  'Content-Range': { description: 'Which bytes these are, of how many.', schema: { type: 'string' } },
}

/** The answers of a route that are no errors, by status. */
export function answersOf(
  { responses }: Route,
  { name, components }: { name: string; components: Components },
): Later<Record<string, Answer>> {
  const answers = Object.entries(responses).map(([status, response]) => {
    const json = response.json && jsonContent(response.json, { io: 'output', name, components })
    return { status, response, json: json ?? (() => ({})) }
  })
  return (schemas) =>
    Object.assign({}, ...answers.map(({ status, response, json }) => answersWith(status, response, json(schemas))))
}

function answersWith(
  status: string,
  { bytes = [], stream }: ResponseBody,
  json: Record<string, MediaType>,
): Record<string, Answer> {
  const content = { ...json, ...bytesContent([...bytes, ...(stream ?? [])]) }
  const description = SAYS[status] ?? 'Done.'
  if (Object.keys(content).length === 0) return { [status]: { description } }
  if (!stream) return { [status]: { description, content } }
  return {
    [status]: { description, headers: STREAM_HEADERS, content },
    206: {
      description: 'The part that was asked for.',
      headers: { ...STREAM_HEADERS, ...CONTENT_RANGE },
      content: bytesContent(stream),
    },
    304: { description: 'The caller has it already.', headers: STREAM_HEADERS },
  }
}

import type { ControlChannel } from './control-channel.js'
import type { Methods } from './operation.js'

interface Row {
  verb: 'GET' | 'POST'
  bodyOf(...values: never): object
}

/** A method for each row of a table, by the row's name. */
export function methodsOf<Table extends Record<keyof Table, Row>>(
  table: Table,
  channel: ControlChannel,
  path: string,
): Methods<Table> {
  const methods = Object.entries<Row>({ ...table }).map(([name, { verb, bodyOf }]) => [
    name,
    verb === 'GET'
      ? () => channel.get(`${path}${name}`)
      : async (...values: unknown[]) => channel.post(`${path}${name}`, Reflect.apply(bodyOf, undefined, values)),
  ])
  return Object.fromEntries(methods) as Methods<Table>
}

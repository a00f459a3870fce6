import { randomUUID } from 'node:crypto'
import { MALFORMED_FRAMES } from '../faults/faults.js'
import { CLOSE_REASONS, type CloseCause } from '../rules/close-cause.js'
import type { FaultAction } from '../rules/fault-rules.js'
import { SimulatorError } from '../util/errors.js'
import { badInput, type Field, flag, hexBytes, integer, object, oneOf, optional, readInput, text } from './fields.js'
import { act, type Operation, type OperationContext } from './operation.js'

const device = optional(integer(1, 1_000_000))
const times = optional(integer(1, 1_000_000))
const code = integer(100, 999)
const delayMs = integer(0, 3_600_000)

const cause: Field<CloseCause> = (value, name) =>
  typeof value === 'object' && value !== null && 'code' in value
    ? readInput({ code }, value, name)
    : readInput({ reason: oneOf(CLOSE_REASONS) }, value, name)

/** What a rule does: all of them but `replace`, which is a function. */
const ACTIONS = {
  drop: object({ do: oneOf(['drop']) }),
  delay: object({ do: oneOf(['delay']), delayMs }),
  duplicate: object({ do: oneOf(['duplicate']), copies: optional(integer(1, 100)) }),
  reorder: object({ do: oneOf(['reorder']) }),
  corrupt: object({
    do: oneOf(['corrupt']),
    part: optional(oneOf(['ciphertext', 'device-identity', 'frame'])),
  }),
  error: object({ do: oneOf(['error']), code, text: optional(text) }),
  close: object({ do: oneOf(['close']), cause }),
  kill: object({ do: oneOf(['kill']) }),
  silence: object({ do: oneOf(['silence']) }),
} satisfies Record<Exclude<FaultAction['do'], 'replace'>, Field<FaultAction>>

const ACTION_NAMES = Object.keys(ACTIONS) as (keyof typeof ACTIONS)[]

const action: Field<FaultAction> = (value, name) => {
  if (typeof value !== 'object' || value === null) throw badInput(name, 'must be an object')
  const kind = oneOf(ACTION_NAMES)(Reflect.get(value, 'do'), `${name}.do`)
  return ACTIONS[kind](value, name)
}

const match = object({
  number: optional(text),
  device,
  direction: optional(oneOf(['in', 'out'])),
  tag: optional(text),
  type: optional(text),
  xmlns: optional(text),
  child: optional(text),
  id: optional(text),
})

const faultsOf = ({ simulator }: OperationContext) => simulator.faults

/** `/faults/<name>` */
export const faultOperations: Record<string, Operation> = {
  on: act({ match, action, times }, (context, input) => {
    const rule = faultsOf(context).on(input.match, input.action, { times: input.times })
    return remember(context, rule)
  }),
  failSend: act({ number: text, code, times }, (context, input) =>
    remember(context, faultsOf(context).failSend(input.number, input.code, input)),
  ),
  hits: act({ rule: text }, (context, { rule }) => ({ hits: ruleOf(context, rule).hits })),
  remove: act({ rule: text }, (context, { rule }) => {
    ruleOf(context, rule).remove()
    context.rules.delete(rule)
  }),
  close: act({ number: text, cause, device }, (context, input) =>
    faultsOf(context).close(input.number, input.cause, input),
  ),
  replaced: act({ number: text, device }, (context, input) => faultsOf(context).replaced(input.number, input)),
  kill: act({ number: text, device }, (context, input) => faultsOf(context).kill(input.number, input)),
  silence: act({ number: text, device }, (context, input) => faultsOf(context).silence(input.number, input)),
  malformed: act({ number: text, kind: optional(oneOf(MALFORMED_FRAMES)), device }, (context, input) =>
    faultsOf(context).malformed(input.number, input.kind, input),
  ),
  sendFrame: act({ number: text, bytes: hexBytes, device }, (context, input) =>
    faultsOf(context).sendFrame(input.number, input.bytes, input),
  ),
  dropAll: act({}, (context) => ({ dropped: faultsOf(context).dropAll() })),
  refuseUpgrade: act({ status: optional(integer(300, 599)), keepOpen: optional(flag), times }, (context, input) =>
    faultsOf(context).refuseUpgrade(input),
  ),
  hangUpgrade: act({ times }, (context, input) => faultsOf(context).hangUpgrade(input)),
  badCertificate: act({ times }, (context, input) => faultsOf(context).badCertificate(input)),
  failLogin: act(
    {
      number: text,
      failure: object({
        reason: code,
        code: optional(integer(0, 10_000)),
        expireSeconds: optional(integer(0, 31_536_000)),
      }),
      times,
    },
    (context, input) => faultsOf(context).failLogin(input.number, input.failure, input),
  ),
  exhaustPreKeys: act(
    { number: text, device, left: optional(integer(0, 10_000)), warn: optional(flag) },
    (context, { number, ...options }) => faultsOf(context).exhaustPreKeys(number, options),
  ),
  clear: act({}, (context) => {
    faultsOf(context).clear()
    context.rules.clear()
  }),
}

function remember({ rules }: OperationContext, rule: { readonly hits: number; remove(): void }): { rule: string } {
  const id = randomUUID()
  rules.set(id, rule)
  return { rule: id }
}

function ruleOf({ rules }: OperationContext, id: string) {
  const rule = rules.get(id)
  if (rule) return rule
  throw new SimulatorError('RULE_NOT_FOUND', 'There is no such rule', { field: 'rule' })
}

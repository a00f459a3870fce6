import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { type DeviceChoice, type Faults, MALFORMED_FRAMES, type MalformedFrame, type Times } from '../faults/faults.js'
import { CLOSE_REASONS, type CloseCause } from '../rules/close-cause.js'
import type { FaultAction, StanzaMatch } from '../rules/fault-rules.js'
import type { LoginFailure } from '../rules/login-faults.js'
import type { MediaFault, MediaMatch } from '../rules/media-faults.js'
import type { WebVersion } from '../rules/version-gate.js'
import { SimulatorError } from '../util/errors.js'
import { flag, hexBytes, integer, object, oneOf, text } from './fields.js'
import { operationsOn } from './operation.js'

/** What a rule is about and does, without functions: they cannot be sent. */
export type RemoteStanzaMatch = Omit<StanzaMatch, 'where'>
export type RemoteFaultAction = Exclude<FaultAction, { do: 'replace' }>

/** Fault rules that were made over HTTP, by id. */
export type RuleBook = Map<string, { readonly hits: number; remove(): void }>

export interface FaultDesk {
  faults: Faults
  rules: RuleBook
}

const device = integer(1, 1_000_000).optional()
const times = integer(1, 1_000_000).optional()
const code = integer(100, 999)
const version = z.tuple([integer(0, 9), integer(0, 10_000), integer(0, 2_147_483_647)]).readonly()

const cause = z.union([object({ code }), object({ reason: oneOf(CLOSE_REASONS) })])

const plain = <const Name extends (FaultAction | MediaFault)['do']>(name: Name) => object({ do: z.literal(name) })

/** What a rule does: all of them but `replace`, which is a function. */
const ACTIONS = {
  drop: plain('drop'),
  delay: object({ do: z.literal('delay'), delayMs: integer(0, 3_600_000) }),
  duplicate: object({ do: z.literal('duplicate'), copies: integer(1, 100).optional() }),
  reorder: plain('reorder'),
  corrupt: object({
    do: z.literal('corrupt'),
    part: oneOf(['ciphertext', 'device-identity', 'frame']).optional(),
  }),
  error: object({ do: z.literal('error'), code, text: text.optional() }),
  close: object({ do: z.literal('close'), cause }),
  kill: plain('kill'),
  silence: plain('silence'),
} satisfies Record<RemoteFaultAction['do'], z.ZodType<RemoteFaultAction>>

const action = z.discriminatedUnion(
  'do',
  [
    ACTIONS.drop,
    ACTIONS.delay,
    ACTIONS.duplicate,
    ACTIONS.reorder,
    ACTIONS.corrupt,
    ACTIONS.error,
    ACTIONS.close,
    ACTIONS.kill,
    ACTIONS.silence,
  ],
  {
    error: (issue) =>
      issue.code === 'invalid_union' ? `must be one of ${Object.keys(ACTIONS).join(', ')}` : 'must be an object',
  },
)

const match = object({
  number: text.optional(),
  device,
  direction: oneOf(['in', 'out']).optional(),
  tag: text.optional(),
  type: text.optional(),
  xmlns: text.optional(),
  child: text.optional(),
  id: text.optional(),
})

const failure = object({
  reason: code,
  code: integer(0, 10_000).optional(),
  expireSeconds: integer(0, 31_536_000).optional(),
})

const mediaMatch = object({ direction: oneOf(['upload', 'download']).optional(), host: integer(0, 9).optional() })

const mediaFault = z.discriminatedUnion('do', [
  object({ do: z.literal('status'), status: integer(400, 599) }),
  plain('corrupt'),
  plain('cut'),
  plain('stall'),
  plain('half-close'),
  plain('swap'),
  object({ do: z.literal('oversize'), extraBytes: integer(1, 1_000_000_000) }),
]) satisfies z.ZodType<MediaFault>

/** Since 1970. */
const seconds = integer(0, 10_000_000_000)
const newChats = object({ total: integer(0, 1_000_000), used: integer(0, 1_000_000), cycleEnds: seconds })

const { act } = operationsOn<FaultDesk>()

/** `/faults/<name>` */
export const faultOperations = {
  on: act(
    { match, action, times },
    (match: RemoteStanzaMatch, action: RemoteFaultAction, { times }: Times = {}) => ({ match, action, times }),
    (desk, input) => remember(desk, desk.faults.on(input.match, input.action, input)),
  ),
  failSend: act(
    { number: text, code, times },
    (number: string, code: number, { times }: Times = {}) => ({ number, code, times }),
    (desk, { number, code, ...options }) => remember(desk, desk.faults.failSend(number, code, options)),
  ),
  lockReachOut: act(
    { number: text, until: seconds.optional() },
    (number: string, until?: number) => ({ number, until }),
    (desk, { number, until }) => desk.faults.lockReachOut(number, until),
  ),
  capNewChats: act(
    { number: text, newChats: newChats.optional() },
    (number: string, cap?: z.infer<typeof newChats>) => ({ number, newChats: cap }),
    (desk, { number, newChats: cap }) => desk.faults.capNewChats(number, cap),
  ),
  hits: act(
    { rule: text },
    (rule: string) => ({ rule }),
    (desk, { rule }) => ({ hits: ruleOf(desk, rule).hits }),
  ),
  remove: act(
    { rule: text },
    (rule: string) => ({ rule }),
    (desk, { rule }) => {
      ruleOf(desk, rule).remove()
      desk.rules.delete(rule)
    },
  ),
  close: act(
    { number: text, cause, device },
    (number: string, cause: CloseCause, choice: DeviceChoice = {}) => ({ number, cause, ...choice }),
    ({ faults }, { number, cause, ...choice }) => faults.close(number, cause, choice),
  ),
  replaced: act({ number: text, device }, connectionOf, ({ faults }, { number, ...choice }) =>
    faults.replaced(number, choice),
  ),
  kill: act({ number: text, device }, connectionOf, ({ faults }, { number, ...choice }) => faults.kill(number, choice)),
  silence: act({ number: text, device }, connectionOf, ({ faults }, { number, ...choice }) =>
    faults.silence(number, choice),
  ),
  malformed: act(
    { number: text, kind: oneOf(MALFORMED_FRAMES).optional(), device },
    (number: string, kind?: MalformedFrame, choice: DeviceChoice = {}) => ({ number, kind, ...choice }),
    ({ faults }, { number, kind, ...choice }) => faults.malformed(number, kind, choice),
  ),
  sendFrame: act(
    { number: text, bytes: hexBytes, device },
    (number: string, bytes: Uint8Array, choice: DeviceChoice = {}) => ({
      number,
      bytes: Buffer.from(bytes).toString('hex'),
      ...choice,
    }),
    ({ faults }, { number, bytes, ...choice }) => faults.sendFrame(number, bytes, choice),
  ),
  dropAll: act(
    {},
    () => ({}),
    ({ faults }) => ({ dropped: faults.dropAll() }),
  ),
  refuseUpgrade: act(
    { status: integer(300, 599).optional(), keepOpen: flag.optional(), times },
    (options: { status?: number; keepOpen?: boolean } & Times = {}) => options,
    ({ faults }, options) => faults.refuseUpgrade(options),
  ),
  hangUpgrade: act(
    { times },
    (options: Times = {}) => options,
    ({ faults }, options) => faults.hangUpgrade(options),
  ),
  badCertificate: act(
    { times },
    (options: Times = {}) => options,
    ({ faults }, options) => faults.badCertificate(options),
  ),
  failLogin: act(
    { number: text, failure, times },
    (number: string, failure: LoginFailure, { times }: Times = {}) => ({ number, failure, times }),
    ({ faults }, { number, failure, ...options }) => faults.failLogin(number, failure, options),
  ),
  refuseVersions: act(
    { below: version, newest: version.optional() },
    (options: { below: WebVersion; newest?: WebVersion }) => options,
    ({ faults }, options) => faults.refuseVersions(options),
  ),
  media: act(
    { match: mediaMatch, fault: mediaFault, times },
    (match: MediaMatch, fault: MediaFault, { times }: Times = {}) => ({ match, fault, times }),
    ({ faults }, { match, fault, ...options }) => faults.media(match, fault, options),
  ),
  exhaustPreKeys: act(
    { number: text, device, left: integer(0, 10_000).optional(), warn: flag.optional() },
    (number: string, options: DeviceChoice & { left?: number; warn?: boolean } = {}) => ({ number, ...options }),
    ({ faults }, { number, ...options }) => faults.exhaustPreKeys(number, options),
  ),
  clear: act(
    {},
    () => ({}),
    ({ faults, rules }) => {
      faults.clear()
      rules.clear()
    },
  ),
}

function connectionOf(number: string, choice: DeviceChoice = {}) {
  return { number, ...choice }
}

function remember({ rules }: FaultDesk, rule: { readonly hits: number; remove(): void }): { rule: string } {
  const id = randomUUID()
  rules.set(id, rule)
  return { rule: id }
}

function ruleOf({ rules }: FaultDesk, id: string) {
  const rule = rules.get(id)
  if (rule) return rule
  throw new SimulatorError('RULE_NOT_FOUND', 'There is no such rule', { field: 'rule' })
}

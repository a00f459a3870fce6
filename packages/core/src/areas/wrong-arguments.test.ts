import { pino } from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { TrunklineError } from '../errors/trunkline-error.js'
import { MultiSessionManager } from '../multi-session-manager.js'

type Method = (...args: unknown[]) => unknown

/** What a program without types may give for an id, a text or options. */
const WRONG = [null, 42, true, ['own'], { $gt: '' }, new String('own'), new Date(0), Symbol('own'), () => 'own']
const RIGHT = ['15550000002', '120363000000000009@g.us', '3EB0AB']

/** They take what they are given as it is, or are about the whole process. */
const OTHERS = [
  'constructor',
  'start',
  'close',
  'on',
  'once',
  'off',
  'onAny',
  'session',
  'runMaintenance',
  'cleanupInactive',
]

let manager: MultiSessionManager
beforeEach(async () => {
  manager = new MultiSessionManager({ webSocketUrl: 'ws://127.0.0.1:1', logger: pino({ level: 'silent' }) })
  await manager.create({ id: 'own', start: false })
})
afterEach(() => manager.close())

function methodsOf(object: object): [string, Method][] {
  const prototype: object = Object.getPrototypeOf(object)
  return Object.entries(Object.getOwnPropertyDescriptors(prototype)).flatMap(([name, { value }]) =>
    typeof value === 'function' && !OTHERS.includes(name) ? [[name, value.bind(object) as Method]] : [],
  )
}

/** How a call fails that is no error of Trunkline: a mistake of ours, such as a TypeError. */
async function mistakeOf(call: () => unknown): Promise<string | undefined> {
  try {
    await call()
    return undefined
  } catch (error) {
    return TrunklineError.is(error) && error.code !== 'INTERNAL' ? undefined : String(error)
  }
}

async function mistakesOf(name: string, method: Method): Promise<string[]> {
  const found = new Set<string>()
  for (const wrong of WRONG) {
    const calls = [
      [wrong],
      [wrong, wrong, wrong],
      ...RIGHT.flatMap((id) => [
        [id, wrong],
        [id, id, wrong],
        ['own', wrong],
      ]),
    ]
    for (const args of calls) {
      const mistake = await mistakeOf(() => method(...args))
      if (mistake !== undefined) found.add(`${name}: ${mistake}`)
    }
  }
  return [...found]
}

it('what is no id, no text and no options is refused by every method of a session, never by a mistake inside', async () => {
  const areas = Object.entries(manager.session('own')).filter(([, area]) => typeof area === 'object')
  const methods = areas.flatMap(([area, of]) =>
    methodsOf(of as object).map(([name, method]) => [`${area}.${name}`, method] as const),
  )
  expect(methods.length).toBeGreaterThan(50)
  for (const [name, method] of methods) expect(await mistakesOf(name, method)).toEqual([])
})

it('the same by every method of the manager', async () => {
  const methods = methodsOf(manager)
  expect(methods.length).toBeGreaterThan(20)
  for (const [name, method] of methods) expect(await mistakesOf(name, method)).toEqual([])
})

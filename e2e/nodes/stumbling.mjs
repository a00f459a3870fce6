// A preload for servers of tests: what goes wrong in this process is said by its environment, and told to it later.
import { register } from 'node:module'

const { STUMBLES_CLOCK_MS = '0', STUMBLES_CONSTANTS = '{}' } = process.env

/** Of every other clock, what this one is ahead. */
let aheadMs = Number(STUMBLES_CLOCK_MS)
const realNow = Date.now
Date.now = () => realNow() + aheadMs
const RealDate = Date
globalThis.Date = new Proxy(RealDate, {
  apply: () => new RealDate(RealDate.now()).toString(),
  construct: (target, given, newTarget) =>
    Reflect.construct(
      target,
      given.length === 0 ? [RealDate.now()] : given,
      newTarget === globalThis.Date ? target : newTarget,
    ),
})

const constants = JSON.parse(STUMBLES_CONSTANTS)
if (Object.keys(constants).length > 0) register('./other-constants.mjs', import.meta.url, { data: constants })

process.on('message', ({ blockMs = 0, clockMs = aheadMs }) => {
  aheadMs = clockMs
  const until = performance.now() + blockMs
  while (performance.now() < until);
})
// To be told is no reason to live on.
process.channel?.unref()

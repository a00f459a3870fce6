// 0.2: two accounts of one process write to the same contact; the store of one is slow. Does the other one wait for it?
import { performance } from 'node:perf_hooks'
import { exchange, introduce, send } from '../test/parties.js'
import { conclude, makeParty, silenceConsole } from './evidence.js'

silenceConsole()
const CONTACT = '15550000009@s.whatsapp.net'
const [slow, fast] = [makeParty('15550000001@s.whatsapp.net'), makeParty('15550000002@s.whatsapp.net')]
const [contactOfSlow, contactOfFast] = [makeParty(CONTACT), makeParty(CONTACT)]
await introduce(slow, contactOfSlow)
await introduce(fast, contactOfFast)
await exchange(slow, contactOfSlow, 'hello')
await exchange(fast, contactOfFast, 'hello')

slow.store.latencyMs = 500
const waiting = send(slow, contactOfSlow, 'from the slow account')
await new Promise((resolve) => setImmediate(resolve))
const started = performance.now()
await send(fast, contactOfFast, 'from the fast account')
const waitedMs = Math.round(performance.now() - started)
await waiting
conclude(waitedMs < 100, `the fast account waited ${waitedMs} ms for a store that takes 500 ms a call`)

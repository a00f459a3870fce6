import { isCalledByBaileys } from './called-by-baileys.js'

/** Shorter ones are over before anybody wonders. */
const LONG_MS = 1_000

/**
 * Keeps Baileys' timers from keeping the process alive. It leaves some behind when a socket ends: the upload of pre-keys after a
 * link is guarded by one of 30 s that nobody clears. While a socket is open its connection keeps the process alive, and after
 * that nobody waits for them. Answers a function that puts the host's own `setTimeout` back.
 */
export function loosenTimers(): () => void {
  const { setTimeout: original } = globalThis
  const loosening = ((callback: (...args: unknown[]) => void, delayMs?: number, ...args: unknown[]) => {
    const timer = original(callback, delayMs, ...args)
    if (typeof delayMs === 'number' && delayMs >= LONG_MS && isLeftBehind(callback, delayMs)) timer.unref()
    return timer
  }) as typeof setTimeout
  // `util.promisify` finds its own version of the function there.
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(original)))
    if (name !== 'prototype') Object.defineProperty(loosening, name, property)
  for (const symbol of Object.getOwnPropertySymbols(original))
    Object.defineProperty(loosening, symbol, Object.getOwnPropertyDescriptor(original, symbol) ?? {})
  globalThis.setTimeout = loosening
  return () => {
    // Whoever has replaced it since goes on using this one.
    if (globalThis.setTimeout === loosening) globalThis.setTimeout = original
  }
}

/** What those say that are not cleared when the socket ends: texts and fields, which a bundler leaves as they are. */
const LEFT_BEHIND = /Pre-key upload timeout|AwaitingInitialSync|Buffer timeout reached|PDO message|phoneRequests/
/** The upload of pre-keys is tried again after at most this long. */
const MAX_RETRY_MS = 10_000

/**
 * A stack costs as much as a tenth of a message, and with every message Baileys sets longer timers, which it clears: only a bare
 * `resolve`, which says nothing, is recognised by who calls.
 */
function isLeftBehind(callback: (...args: unknown[]) => void, delayMs: number): boolean {
  const text = String(callback)
  if (LEFT_BEHIND.test(text)) return true
  return delayMs <= MAX_RETRY_MS && text.includes('[native code]') && isCalledByBaileys()
}

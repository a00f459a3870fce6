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
    if (typeof delayMs === 'number' && delayMs >= LONG_MS && isBaileys(callback)) timer.unref()
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

/** In a bundle there are no paths of packages; the one that is left behind for sure has a text of its own. */
function isBaileys(callback: (...args: unknown[]) => void): boolean {
  return isCalledByBaileys() || String(callback).includes('Pre-key upload timeout')
}

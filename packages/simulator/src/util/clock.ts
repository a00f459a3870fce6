/** Where the simulator takes its time from. Everything that waits or stamps goes through it. */
export interface SimulatorClock {
  /** Milliseconds since the epoch. */
  now(): number
  setTimeout(callback: () => void, delayMs: number): unknown
  clearTimeout(handle: unknown): void
}

export const systemClock: SimulatorClock = {
  now: () => Date.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
}

/** Unix seconds as WhatsApp writes them in `t` attributes. */
export const unixSeconds = (clock: SimulatorClock): string => String(Math.floor(clock.now() / 1000))

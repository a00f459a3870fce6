import { useState } from 'react'

/** One call that a person makes: whether it is on its way, and what it came to when it failed. */
export function useCall(call: () => Promise<void>): { run(): void; busy: boolean; error: unknown } {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const make = async () => {
    setBusy(true)
    setError(undefined)
    try {
      await call()
    } catch (problem) {
      setError(problem)
    } finally {
      setBusy(false)
    }
  }
  return { run: () => void make(), busy, error }
}

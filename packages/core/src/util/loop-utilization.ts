import { performance } from 'node:perf_hooks'

/** Tells the part of the time since it was asked last in which the event loop of this process did something, 0 to 1. */
export function loopUtilization(): () => number {
  let last = performance.eventLoopUtilization()
  return () => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, last)
    last = now
    return utilization
  }
}

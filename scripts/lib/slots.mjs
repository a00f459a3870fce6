/**
 * Runs at most `count` of the tasks given to it at once.
 *
 * @param {number} count
 * @returns {<T>(task: () => Promise<T>) => Promise<T>}
 */
export function createSlots(count) {
  let free = count
  const waiting = []
  return async (task) => {
    if (free === 0) await new Promise((resolve) => waiting.push(resolve))
    else free -= 1
    try {
      return await task()
    } finally {
      if (waiting.length > 0) waiting.shift()()
      else free += 1
    }
  }
}

import { describe, expect, it } from 'vitest'
import { LargeBodies } from './large-bodies.js'

const never = new AbortController().signal

/** Asks for room and tells, in the order of entering, who got it. */
function crowd(room: LargeBodies) {
  const inside: string[] = []
  const ask = async (name: string, bytes: number, signal = never) => {
    const leave = await room.enter(bytes, signal)
    inside.push(name)
    return () => {
      inside.splice(inside.indexOf(name), 1)
      leave()
    }
  }
  return { inside, ask }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('the room for large bodies', () => {
  it('lets in what fits, and the next in turn when one has left', async () => {
    const { inside, ask } = crowd(new LargeBodies(10))
    const leaveA = await ask('a', 6)
    const b = ask('b', 6)
    // It would fit, but it came later.
    const c = ask('c', 3)
    await settled()
    expect(inside).toEqual(['a'])
    leaveA()
    await Promise.all([b, c])
    expect(inside).toEqual(['b', 'c'])
  })

  it('takes one that is larger than the room alone', async () => {
    const { inside, ask } = crowd(new LargeBodies(10))
    const leave = await ask('huge', 1_000)
    const small = ask('small', 1)
    await settled()
    expect(inside).toEqual(['huge'])
    leave()
    await small
  })

  it('forgets who has gone away while waiting, and lets in the one behind', async () => {
    const { inside, ask } = crowd(new LargeBodies(10))
    await ask('a', 6)
    const gone = new AbortController()
    const b = ask('b', 6, gone.signal)
    const c = ask('c', 3)
    gone.abort(new Error('gone'))
    await expect(b).rejects.toThrow('gone')
    await c
    expect(inside).toEqual(['a', 'c'])
    await expect(ask('late', 1, gone.signal)).rejects.toThrow('gone')
  })

  it('counts one that leaves twice once', async () => {
    const room = new LargeBodies(10)
    const leave = await room.enter(6, never)
    leave()
    leave()
    const { inside, ask } = crowd(room)
    await ask('a', 6)
    void ask('b', 6)
    await settled()
    expect(inside).toEqual(['a'])
  })
})

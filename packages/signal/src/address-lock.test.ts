import { describe, expect, it } from 'vitest'
import { AddressLock, type LockName } from './address-lock.js'

function gate() {
  let open: () => void = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

describe('the address lock', () => {
  it('runs holders of one name one after the other, in the order they came', async () => {
    const lock = new AddressLock()
    const log: string[] = []
    const run = (name: string) =>
      lock.hold(['session:1.0'], async () => {
        log.push(`${name} begins`)
        await Promise.resolve()
        log.push(`${name} ends`)
      })
    await Promise.all([run('a'), run('b'), run('c')])
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
  })

  it('lets holders of different names run at once', async () => {
    const lock = new AddressLock()
    const { open, opened } = gate()
    const held = lock.hold(['session:1.0'], () => opened)
    await lock.hold(['session:2.0'], async () => {})
    open()
    await held
  })

  it('gives the names back when the work fails', async () => {
    const lock = new AddressLock()
    await expect(lock.hold(['session:1.0'], () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    await lock.hold(['session:1.0'], async () => {})
    expect(lock.size).toBe(0)
  })

  it('never lets holders of several names wait for each other in a circle', async () => {
    const lock = new AddressLock()
    const names: LockName[] = ['session:1.0', 'session:2_1.0', 'session:3_129.99', 'sender-key:g::1::0']
    const done: number[] = []
    await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const first = names[index % 4] as LockName
        const second = names[(index * 3 + 1) % 4] as LockName
        await lock.hold([first, second], async () => {
          await new Promise((resolve) => setImmediate(resolve))
          done.push(index)
        })
      }),
    )
    expect(done).toHaveLength(60)
    expect(lock.size).toBe(0)
  })

  it('lets the holder of a LID take its phone-number address while a migration wants both', async () => {
    const lock = new AddressLock()
    const order: string[] = []
    await Promise.all([
      lock.hold(['session:9_1.0'], async () => {
        await new Promise((resolve) => setImmediate(resolve))
        await lock.hold(['session:1.0'], async () => order.push('nested'))
      }),
      lock.hold(['session:1.0', 'session:9_1.0'], async () => order.push('both')),
    ])
    expect(order).toEqual(['nested', 'both'])
  })
})

import { describe, expect, it } from 'vitest'
import { guarded } from './guarded.js'

class Port {
  readonly kind = 'port'
  #calls = 0
  count() {
    this.#calls += 1
    return Promise.resolve(this.#calls)
  }
  fail(): Promise<never> {
    return Promise.reject(new Error('rejected'))
  }
  throws(): Promise<never> {
    throw new Error('thrown')
  }
}

describe('a guarded port', () => {
  const port = guarded(new Port(), (failure) => new Error(`told: ${(failure as Error).message}`, { cause: failure }))

  it('answers what the port answers, methods of a class too', async () => {
    expect(await port.count()).toBe(1)
    expect(await port.count()).toBe(2)
    expect(port.kind).toBe('port')
  })

  it('rejects with what is made of a failure, whether it was rejected or thrown', async () => {
    await expect(port.fail()).rejects.toThrow('told: rejected')
    await expect(port.throws()).rejects.toThrow('told: thrown')
  })

  it('is guarded once by all that guard it, each of which has its say', async () => {
    const twice = guarded(port, (failure) => new Error(`again: ${(failure as Error).message}`))
    await expect(twice.fail()).rejects.toThrow('again: told: rejected')
    await expect(port.fail()).rejects.toThrow('told: rejected')
    expect(await twice.count()).toBe(3)
  })

  it('gives the same method each time, and all of them to whoever copies the port', async () => {
    expect(port.count).toBe(port.count)
    const plain = guarded({ fail: () => Promise.reject(new Error('rejected')) }, () => new Error('told'))
    await expect({ ...plain }.fail()).rejects.toThrow('told')
  })
})

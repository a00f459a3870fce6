import { describe, expect, it } from 'vitest'
import { createGate } from './gate.js'
import { createPasswordHasher } from './passwords.js'

const withoutNativeCode = { load: async () => undefined }

describe('passwords', () => {
  it('are hashed by argon2id and recognised', async () => {
    const hasher = await createPasswordHasher()
    const hash = await hasher.hash('correct horse')
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(await hasher.verify(hash, 'correct horse')).toBe(true)
    expect(await hasher.verify(hash, 'wrong horse')).toBe(false)
  })

  it('are hashed by scrypt where the native code is missing, and recognised by both', async () => {
    const hash = await (await createPasswordHasher(withoutNativeCode)).hash('correct horse')
    expect(hash).toMatch(/^\$scrypt\$ln=17,r=8,p=1\$/)
    for (const hasher of [await createPasswordHasher(), await createPasswordHasher(withoutNativeCode)]) {
      expect(await hasher.verify(hash, 'correct horse')).toBe(true)
      expect(await hasher.verify(hash, 'wrong horse')).toBe(false)
    }
  })

  it('never match when there is no hash', async () => {
    const hasher = await createPasswordHasher()
    expect(await hasher.verify(undefined, '')).toBe(false)
  })

  it('say what is missing when a hash needs the native code', async () => {
    const hash = await (await createPasswordHasher()).hash('x')
    const hasher = await createPasswordHasher(withoutNativeCode)
    await expect(hasher.verify(hash, 'x')).rejects.toMatchObject({ code: 'INTERNAL' })
  })
})

describe('the gate', () => {
  it('runs a few tasks at once, queues a few, and refuses the rest', async () => {
    const gate = createGate({ width: 2, queue: 1 })
    const release: (() => void)[] = []
    let running = 0
    let most = 0
    const task = () =>
      gate(async () => {
        running += 1
        most = Math.max(most, running)
        await new Promise<void>((resolve) => release.push(resolve))
        running -= 1
      })
    const first = [task(), task(), task()]
    await expect(task()).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    release.shift()?.()
    await first[0]
    while (release.length > 0 || running > 0) {
      release.shift()?.()
      await Promise.resolve()
    }
    await Promise.all(first)
    expect(most).toBe(2)
  })

  it('frees the place of a task that failed', async () => {
    const gate = createGate({ width: 1, queue: 0 })
    await expect(gate(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await gate(async () => 'yes')).toBe('yes')
  })
})

import type { UserFacingSocketConfig } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { Backlog } from './backlog.js'

type Make = NonNullable<UserFacingSocketConfig['makeSignalRepository']>

const turn = () => new Promise((resolve) => setImmediate(resolve))

function repositoryWith(backlog: Backlog) {
  const decrypted: string[] = []
  class Repository {
    readonly #log = decrypted
    async decryptMessage({ jid }: { jid: string }) {
      this.#log.push(jid)
    }
    async decryptGroupMessage({ group }: { group: string }) {
      this.#log.push(group)
    }
  }
  const make = (() => new Repository()) as unknown as Make
  const [auth, logger] = [{}, {}] as unknown as Parameters<Make>
  const repository = backlog.paced(make)(auth, logger)
  const message = { type: 'msg', ciphertext: Buffer.alloc(0) } as const
  return {
    decrypted,
    read: (jid: string) => repository.decryptMessage({ jid, ...message }),
    readGroup: (group: string) => repository.decryptGroupMessage({ group, authorJid: 'a@lid', msg: Buffer.alloc(0) }),
  }
}

describe('messages that wait to be stored', () => {
  it('hold back the next ones, of people and of groups, until one of them is stored', async () => {
    const backlog = new Backlog(2)
    const { decrypted, read, readGroup } = repositoryWith(backlog)
    backlog.enter(1)
    await read('first')
    backlog.enter(1)
    const later = [read('second'), readGroup('third')]
    await turn()
    expect(decrypted).toEqual(['first'])
    backlog.leave(1)
    await Promise.all(later)
    expect(decrypted).toEqual(['first', 'second', 'third'])
  })

  it('hold back nothing once the connection has ended', async () => {
    const backlog = new Backlog(1)
    const { decrypted, read } = repositoryWith(backlog)
    backlog.enter(1)
    const waiting = read('first')
    await turn()
    expect(decrypted).toEqual([])
    backlog.open()
    await waiting
    await read('second')
    expect(decrypted).toEqual(['first', 'second'])
  })
})

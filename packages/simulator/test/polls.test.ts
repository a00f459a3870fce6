import { createHash } from 'node:crypto'
import { decryptPollVote } from '@whiskeysockets/baileys'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Phone } from '../src/index.js'
import type { TestClient } from './client.js'
import { ANA, CAROL, Simulation } from './simulation.js'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

describe('polls', () => {
  const simulation = new Simulation('polls', 'file')
  let ana: Phone
  let carol: Phone
  let client: TestClient

  beforeAll(async () => {
    ana = await simulation.phone(ANA, 'Ana')
    carol = await simulation.phone(CAROL, 'Carol')
    client = await simulation.companion(ana)
  })

  const arrived = async (id: string) => {
    const { message } = await client.until(
      () => client.messages.find((each) => each.message.key.id === id),
      `the message ${id}`,
    )
    return message
  }

  it.each(['pn', 'lid'] as const)(
    'are voted on in the addressing of the chat, %s, as Baileys opens it',
    async (addressing) => {
      const options = ['today', 'tomorrow', 'never']
      const { id } = await carol.sendPoll(ANA, 'When?', options, { selectableCount: 2, addressing })
      const poll = await arrived(id)
      expect(poll.message?.pollCreationMessage).toMatchObject({ name: 'When?', selectableOptionsCount: 2 })

      // The own phone's vote, as its companions get it.
      await ana.waitForMessage({ id })
      const { id: voteId } = await ana.vote(id, ['today', 'never'])
      const { pollUpdateMessage: update } = (await arrived(voteId)).message ?? {}
      expect(update?.pollCreationMessageKey).toMatchObject({ id, fromMe: false })
      const jidOf = (phone: Phone) => (addressing === 'pn' ? phone.jid : phone.lid)
      const vote = decryptPollVote(update?.vote ?? {}, {
        pollCreatorJid: jidOf(carol),
        pollMsgId: id,
        pollEncKey: poll.message?.messageContextInfo?.messageSecret ?? new Uint8Array(),
        voterJid: jidOf(ana),
      })
      expect(vote.selectedOptions?.map((hash) => Buffer.from(hash).toString('hex'))).toEqual(
        ['today', 'never'].map(sha256),
      )
    },
  )

  it('are refused with one option, with an option twice, and votes for what is no option or no poll', async () => {
    await expect(carol.sendPoll(ANA, 'When?', ['now'])).rejects.toMatchObject({ code: 'BAD_INPUT' })
    await expect(carol.sendPoll(ANA, 'When?', ['now', 'now'])).rejects.toMatchObject({ field: 'options' })
    const { id } = await carol.sendPoll(ANA, 'When?', ['now', 'later'])
    await expect(carol.vote(id, ['soon'])).rejects.toMatchObject({ code: 'BAD_INPUT', field: 'options' })
    const text = await carol.sendText(ANA, 'no poll')
    await expect(carol.vote(text.id, [])).rejects.toMatchObject({ code: 'BAD_INPUT', field: 'messageId' })
    await expect(carol.vote('unknown', [])).rejects.toMatchObject({ code: 'MESSAGE_NOT_FOUND' })
  })
})

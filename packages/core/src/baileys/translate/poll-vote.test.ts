import { createHash } from 'node:crypto'
import { aesEncryptGCM, hmacSign, proto, type WAMessage } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { toMessage } from './to-message.js'

const ME = '200000000000001@lid'
const [CAROL, CAROL_LID] = ['15550000003@s.whatsapp.net', '200000000000003@lid']
const [BEN, BEN_LID] = ['15550000002@s.whatsapp.net', '200000000000002@lid']
const GROUP = '120363000000000001@g.us'
const SECRET = Buffer.alloc(32, 7)
const POLL = { name: 'When?', options: ['today', 'tomorrow'].map((optionName) => ({ optionName })) }

const pollMessage = (content: proto.IMessage, messageSecret: Uint8Array = SECRET): Uint8Array =>
  proto.Message.encode({ messageContextInfo: { messageSecret }, ...content }).finish()

/** As a phone seals it: https://github.com/WhiskeySockets/Baileys opens it with `decryptPollVote`. */
function seal(
  options: string[],
  { creator = CAROL_LID, voter = BEN_LID, id = 'POLL' } = {},
): proto.Message.IPollEncValue {
  const selectedOptions = options.map((name) => createHash('sha256').update(name).digest())
  const vote = proto.Message.PollVoteMessage.encode({ selectedOptions }).finish()
  const sign = Buffer.concat([Buffer.from(`${id}${creator}${voter}Poll Vote`), Buffer.from([1])])
  const key = hmacSign(sign, hmacSign(SECRET, Buffer.alloc(32), 'sha256'), 'sha256')
  const encIv = Buffer.alloc(12, 3)
  return { encIv, encPayload: aesEncryptGCM(vote, key, encIv, Buffer.from(`${id}\0${voter}`)) }
}

/** The vote of Ben in a group, as a change. */
function voteOf(vote: proto.Message.IPollEncValue) {
  const wa = {
    key: { remoteJid: GROUP, id: 'V', fromMe: false, participant: BEN_LID, participantAlt: BEN },
    messageTimestamp: 1_764_000_000,
    message: { pollUpdateMessage: { pollCreationMessageKey: { id: 'POLL', remoteJid: GROUP }, vote } },
  } as WAMessage
  const translated = toMessage(wa, { me: ME, source: 'live' })
  if (!translated || !('change' in translated) || translated.change.kind !== 'vote') throw new Error('This is no vote')
  return translated.change
}

const people = { authorIds: [CAROL_LID, CAROL], senderIds: [BEN_LID] }

describe('a vote', () => {
  it('is a change of its poll by whoever votes, with both of their addresses', () => {
    expect(voteOf(seal(['today']))).toMatchObject({
      kind: 'vote',
      id: 'V',
      messageId: 'POLL',
      chatId: GROUP,
      senderId: BEN_LID,
      at: '2025-11-24T16:00:00.000Z',
      identities: [{ pn: BEN, lid: BEN_LID }],
    })
  })

  it.each([
    ['by LID', { creator: CAROL_LID, voter: BEN_LID }],
    ['by number', { creator: CAROL, voter: BEN }],
    ['by one of each', { creator: CAROL, voter: BEN_LID }],
  ])('opens %s, whichever address it was sealed for', (_how, addresses) => {
    const { open } = voteOf(seal(['tomorrow', 'today'], addresses))
    const raw = pollMessage({ pollCreationMessage: POLL })
    expect(open({ raw, ...people })).toEqual(['tomorrow', 'today'])
  })

  it.each<[string, proto.IMessage]>([
    ['of one choice', { pollCreationMessageV3: POLL }],
    ['of an announcement group', { pollCreationMessageV2: POLL }],
    ['of a newer form', { pollCreationMessageV5: POLL }],
    ['wrapped for the future', { pollCreationMessageV4: { message: { pollCreationMessage: POLL } } }],
    ['that disappears', { ephemeralMessage: { message: { pollCreationMessage: POLL } } }],
  ])('opens with a poll %s', (_form, content) => {
    expect(voteOf(seal([])).open({ raw: pollMessage(content), ...people })).toEqual([])
    expect(voteOf(seal(['today', 'no option'])).open({ raw: pollMessage(content), ...people })).toEqual(['today'])
  })

  it('stays closed to another poll, other people, and whatever somebody made up', () => {
    const raw = pollMessage({ pollCreationMessage: POLL })
    const attempts = [
      voteOf(seal(['today'], { id: 'OTHER' })).open({ raw, ...people }),
      voteOf(seal(['today'], { voter: CAROL_LID })).open({ raw, ...people }),
      voteOf(seal(['today'], { creator: BEN_LID })).open({ raw, ...people }),
      voteOf(seal(['today'])).open({ raw: pollMessage({ pollCreationMessage: POLL }, Buffer.alloc(32)), ...people }),
      voteOf(seal(['today'])).open({ raw: pollMessage({ conversation: 'no poll' }), ...people }),
      voteOf(seal(['today'])).open({ raw: proto.Message.encode({ pollCreationMessage: POLL }).finish(), ...people }),
      voteOf({ encPayload: Buffer.alloc(40), encIv: Buffer.alloc(12) }).open({ raw, ...people }),
      voteOf({ encPayload: Buffer.alloc(3), encIv: Buffer.alloc(1) }).open({ raw, ...people }),
      voteOf({}).open({ raw, ...people }),
    ]
    expect(attempts).toEqual(attempts.map(() => undefined))
  })
})

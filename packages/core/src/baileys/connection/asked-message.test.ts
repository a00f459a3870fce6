import { describe, expect, it } from 'vitest'
import { askedMessage } from './asked-message.js'

const carol = { pn: '15550000003@s.whatsapp.net', lid: '200000000000003@lid' }
const group = '120363000000000001@g.us'
const facts = {
  phoneOf: async (lid: string) => (lid === carol.lid ? '15550000003:2@s.whatsapp.net' : null),
  membersOf: async () => [carol.lid],
}

describe('a request for a message of ours', () => {
  it('names the chat and who asks without their device, and both addresses where they are known', async () => {
    const key = { id: 'X', remoteJid: '200000000000003:2@lid', participant: '200000000000003:2@lid', fromMe: true }
    expect(await askedMessage(key, facts)).toEqual({
      id: 'X',
      chatId: carol.lid,
      askerId: carol.lid,
      identities: [carol],
    })
  })

  it('names the members of a group, and none when nobody can tell them', async () => {
    const key = { id: 'X', remoteJid: group, participant: carol.pn }
    expect(await askedMessage(key, facts)).toMatchObject({ chatId: group, askerId: carol.pn, members: [carol.lid] })
    const silent = { ...facts, membersOf: () => Promise.reject(new Error('timed out')) }
    expect(await askedMessage(key, silent)).toMatchObject({ members: [] })
  })

  it.each([
    ['nobody asks', { id: 'X', remoteJid: carol.lid }],
    ['the chat is not named', { id: 'X', participant: carol.lid }],
    ['no message is named', { remoteJid: carol.lid, participant: carol.lid }],
    ['who asks is no address', { id: 'X', remoteJid: carol.lid, participant: 'somebody' }],
  ])('is none when %s', async (_reason, key) => {
    expect(await askedMessage(key, facts)).toBeUndefined()
  })
})

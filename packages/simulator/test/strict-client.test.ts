import { type BinaryNode, proto } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { childOf, childrenNamed, childrenOf, node, textOf } from '../src/wire/node.js'
import { RawClient } from './raw-client.js'
import { ANA, BEN, CAROL, eventually, Simulation, settled } from './simulation.js'

const BEN_LID = '200015550000002@lid'

describe('for a client that is stricter than Baileys', () => {
  const simulation = new Simulation('strict client')

  async function loggedIn(): Promise<RawClient> {
    const phone = await simulation.phone(ANA, 'Ana')
    const creds = await new RawClient(simulation.sim).link(phone)
    const client = new RawClient(simulation.sim, { creds })
    await client.logIn(ANA)
    return client
  }

  let lastId = 0
  async function ask(
    client: RawClient,
    attributes: Record<string, string>,
    content: BinaryNode[],
  ): Promise<BinaryNode> {
    lastId += 1
    const id = `q${lastId}`
    client.send(node('iq', { id, to: '@s.whatsapp.net', ...attributes }, content))
    return client.found(({ tag, attrs }) => tag === 'iq' && attrs.id === id)
  }

  async function lookUp(client: RawClient, users: BinaryNode[], protocols = ['contact']): Promise<BinaryNode[]> {
    const query = protocols.map((protocol) => node(protocol))
    const usync = node('usync', { sid: '1', mode: 'query', last: 'true', index: '0', context: 'interactive' }, [
      node('query', {}, query),
      node('list', {}, users),
    ])
    const answer = await ask(client, { type: 'get', xmlns: 'usync' }, [usync])
    return childrenNamed(childOf(childOf(answer, 'usync'), 'list'), 'user')
  }

  const contact = (text: string, attributes = {}) => node('user', {}, [node('contact', attributes, Buffer.from(text))])

  it.each([
    [`+${BEN}@c.us`, {}, { jid: `${BEN}@s.whatsapp.net` }],
    [`${BEN}@c.us`, {}, { jid: `${BEN}@s.whatsapp.net` }],
    [`+${BEN}`, {}, { jid: `${BEN}@s.whatsapp.net` }],
    [BEN, {}, { jid: `${BEN}@s.whatsapp.net` }],
    [`${BEN}@s.whatsapp.net`, {}, { jid: `${BEN}@s.whatsapp.net` }],
    [BEN_LID, {}, { jid: BEN_LID }],
    [`+${BEN}@c.us`, { addressing_mode: 'lid' }, { jid: BEN_LID, pn_jid: `${BEN}@s.whatsapp.net` }],
    [`+${BEN}`, { addressing_mode: 'lid' }, { jid: BEN_LID, pn_jid: `${BEN}@s.whatsapp.net` }],
  ])('whoever is asked about as %s %j is one JID', async (text, attributes, jids) => {
    await simulation.phone(BEN)
    const client = await loggedIn()
    const [user] = await lookUp(client, [contact(text, attributes)])
    expect(user?.attrs).toEqual(jids)
    expect(childOf(user, 'contact')?.attrs).toEqual({ type: 'in' })
    expect(textOf(childOf(user, 'contact'))).toBe(text.replace('+', ''))
    client.close()
  })

  it('a number that is not on WhatsApp is one JID too, in either addressing', async () => {
    const client = await loggedIn()
    const users = await lookUp(client, [
      contact('+15550009999@c.us'),
      contact('+15550009999', { addressing_mode: 'lid' }),
    ])
    expect(users.map(({ attrs }) => attrs)).toEqual(Array(2).fill({ jid: '15550009999@s.whatsapp.net' }))
    expect(users.map((user) => childOf(user, 'contact')?.attrs.type)).toEqual(['out', 'out'])
    client.close()
  })

  it('a part of the question that nobody knows is left out, and recorded', async () => {
    await simulation.phone(BEN)
    const client = await loggedIn()
    const [user] = await lookUp(
      client,
      [node('user', { jid: `${BEN}@s.whatsapp.net` })],
      ['contact', 'horoscope', 'lid'],
    )
    expect(childrenOf(user).map(({ tag }) => tag)).toEqual(['contact', 'lid'])
    simulation.unknown = ['usync/get/usync/horoscope']
    client.close()
  })

  it('every change of the blocklist is answered by the list', async () => {
    const ben = await simulation.phone(BEN)
    const client = await loggedIn()
    const change = async (action: string) => {
      const item = node('item', { action, jid: ben.lid, pn_jid: ben.jid })
      return childOf(await ask(client, { type: 'set', xmlns: 'blocklist' }, [item]), 'list')
    }
    expect(childrenOf(await change('block')).map(({ attrs }) => attrs)).toEqual([{ jid: ben.lid, pn_jid: ben.jid }])
    const unblocked = await change('unblock')
    expect([unblocked?.tag, childrenOf(unblocked)]).toEqual(['list', []])
    client.close()
  })

  it('a business profile says whose it is, and who is no business has none', async () => {
    const ben = await simulation.phone(BEN)
    const carol = await simulation.sim.createPhone({ number: CAROL, name: 'Carol', business: false })
    const client = await loggedIn()
    const profiles = [ben, carol].map(({ jid }) => node('profile', { jid }))
    const question = node('business_profile', { v: '244' }, profiles)
    const answer = await ask(client, { type: 'get', xmlns: 'w:biz' }, [question])
    const given = childrenOf(childOf(answer, 'business_profile'))
    expect(given.map(({ tag, attrs }) => [tag, attrs])).toEqual([['profile', { jid: ben.jid }]])
    client.close()
  })

  it('a description that is taken away has its id and says so by a child', async () => {
    const client = await loggedIn()
    const { jid } = await simulation.sim.createGroup({ subject: 'Team', creator: ANA, participants: [] })
    const change = (content: BinaryNode | undefined) =>
      ask(client, { type: 'set', xmlns: 'w:g2', to: jid }, [node('description', {}, content ? [content] : undefined)])
    await change(node('body', {}, Buffer.from('what we do')))
    await change(undefined)
    const isDeletion = (stanza: BinaryNode) => childOf(childOf(stanza, 'description'), 'delete')
    const told = await client.found(isDeletion)
    expect(childOf(told, 'description')?.attrs).toEqual({ id: expect.any(String) })
    client.close()
  })

  const isKeyShare = ({ tag, attrs }: BinaryNode) => tag === 'message' && attrs.category === 'peer'
  const isSync = ({ attrs }: BinaryNode) => attrs.type === 'server_sync'

  it('app state is announced by the server, after its key', async () => {
    const client = await loggedIn()
    const announcement = await client.found(isSync)
    expect(announcement.attrs.from).toBe('@s.whatsapp.net')
    expect(childOf(announcement, 'collection')?.attrs).toEqual({ name: 'critical_block', version: '1' })
    expect(client.nodes.findIndex(isKeyShare)).toBeGreaterThan(-1)
    expect(client.nodes.findIndex(isKeyShare)).toBeLessThan(client.nodes.findIndex(isSync))
    client.close()
  })

  it('a change of app state is not announced to a device that has no key yet', async () => {
    const phone = await simulation.phone(ANA)
    const first = await simulation.companion(phone)
    await settled(phone, first)
    const creds = await new RawClient(simulation.sim).link(phone)
    await phone.rename('Anna')
    const client = new RawClient(simulation.sim, { creds })
    await client.logIn(ANA, 2)
    await client.found(isKeyShare)
    expect(client.nodes.filter(isSync)).toEqual([])
    await phone.rename('Anne')
    expect(childOf(await client.found(isSync), 'collection')?.attrs).toEqual({ name: 'critical_block', version: '3' })
    client.close()
  })

  const synchronise = (client: RawClient, version: number) => {
    const patch = node('patch', {}, Buffer.from(proto.SyncdPatch.encode({}).finish()))
    const collection = node('collection', { name: 'critical_block', version: String(version) }, [patch])
    return ask(client, { type: 'set', xmlns: 'w:sync:app:state' }, [node('sync', {}, [collection])])
  }

  it('a patch on an old version is refused with the patches that it does not know', async () => {
    const client = await loggedIn()
    await client.found(isSync)
    await simulation.sim.phone(ANA).rename('Anna')
    const versions = async (version: number) => {
      const collection = childOf(childOf(await synchronise(client, version), 'sync'), 'collection')
      expect(collection?.attrs).toMatchObject({ name: 'critical_block', type: 'error', version: '2' })
      expect(childOf(collection, 'error')?.attrs).toMatchObject({ code: '409' })
      return childrenNamed(childOf(collection, 'patches'), 'patch').map(({ content }) =>
        Number(proto.SyncdPatch.decode(content as Uint8Array).version?.version),
      )
    }
    expect(await versions(0)).toEqual([1, 2])
    expect(await versions(1)).toEqual([2])
    expect(await versions(7)).toEqual([])
    client.close()
  })

  it('the phone hands out its key of app state to a companion that asks for it', async () => {
    const { phone, client } = await simulation.account(ANA)
    await settled(phone, client)
    const { myAppStateKeyId: id = '', me } = client.auth.creds
    const { keys } = client.auth
    await keys.set({ 'app-state-sync-key': { [id]: null } })
    const wanted = [{ keyId: Buffer.from(id, 'base64') }, { keyId: Buffer.from('nobody') }]
    const { APP_STATE_SYNC_KEY_REQUEST: type } = proto.Message.ProtocolMessage.Type
    const message = { protocolMessage: { type, appStateSyncKeyRequest: { keyIds: wanted } } }
    await client.socket.relayMessage(me?.id ?? '', message, { additionalAttributes: { category: 'peer' } })
    await eventually(async () => (await keys.get('app-state-sync-key', [id]))[id]?.keyData?.length).toBe(32)
  })
})

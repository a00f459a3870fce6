import type { Readable } from 'node:stream'
import type { Message, Session } from '@trunkline/contract'
import { expectTypeOf, it } from 'vitest'
import type { Client } from './index.js'

it('types what methods take and give', () => {
  type Sessions = Client['sessions']
  expectTypeOf<Parameters<Sessions['get']>[0]>().toEqualTypeOf<string>()
  expectTypeOf<Awaited<ReturnType<Sessions['get']>>>().toExtend<Session>()
  expectTypeOf<Awaited<ReturnType<Sessions['delete']>>>().toEqualTypeOf<undefined>()
  expectTypeOf<Awaited<ReturnType<Client['messages']['send']>>>().toExtend<Message>()
  type Body = Parameters<Client['messages']['send']>[1]
  expectTypeOf<{ to: string; text: string }>().toExtend<Body>()
  expectTypeOf<{ to: string; type: 'location'; latitude: number; longitude: number }>().toExtend<Body>()
  type Image<Media> = { to: string; type: 'image'; media: Media; caption: string }
  expectTypeOf<Image<{ url: string }>>().toExtend<Body>()
  expectTypeOf<Image<{ file: Blob; fileName: string }>>().toExtend<Body>()
  expectTypeOf<Image<{ file: Uint8Array }>>().toExtend<Body>()
  expectTypeOf<Image<{ file: ReadableStream<Uint8Array> }>>().toExtend<Body>()
  expectTypeOf<Image<{ file: Readable }>>().toExtend<Body>()
  expectTypeOf<Parameters<Client['messages']['list']>>().toExtend<
    [string, ({ limit?: number } | undefined)?, object?]
  >()
  expectTypeOf<Parameters<Client['chats']['mute']>>().toExtend<
    [string, string, ({ until?: string } | undefined)?, object?]
  >()
  expectTypeOf<Parameters<Client['events']['list']>[0]>().toExtend<{ sessionId: string }>()
  expectTypeOf<Awaited<ReturnType<Client['service']['docs']>>>().toEqualTypeOf<Response>()
})

it('refuses what no route takes', () => {
  const refused = (client: Client) => {
    // @ts-expect-error a session has no colour
    void client.sessions.create({ colour: 'red' })
    // @ts-expect-error it needs a session
    void client.messages.list()
    // @ts-expect-error a poll has a question
    void client.messages.send('shop', { to: '15550000001', type: 'poll', options: ['yes', 'no'] })
    // @ts-expect-error a sticker has no caption
    void client.messages.send('shop', { to: '15550000001', type: 'sticker', media: { file: new Blob() }, caption: 'x' })
    // @ts-expect-error a file is no path
    void client.messages.send('shop', { to: '15550000001', type: 'image', media: { file: '/tmp/a.png' } })
    // @ts-expect-error a QR is no video
    void client.sessions.getQr('shop', { accept: 'video/mp4' })
    // @ts-expect-error there is no such event
    client.events.on('weather', () => {})
  }
  expectTypeOf(refused).toBeFunction()
})

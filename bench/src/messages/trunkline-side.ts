import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMemoryStore, type Message, type MessageContent, MultiSessionManager } from '@trunkline/core'
import { createSqliteStore } from '@trunkline/sqlite-store'
import { pino } from 'pino'
import type { SideOptions } from '../end-to-end/side.js'
import { linkAccount } from '../end-to-end/trunkline-side.js'
import { type Files, type Kind, type MessagesListener, type MessagesSide, type NewKind, WORDS } from './side.js'

/** Trunkline with its defaults, but for the connect throttle. */
export async function createTrunklineMessages(
  options: SideOptions,
  files: Files,
  listener: MessagesListener,
): Promise<MessagesSide> {
  const folder = options.store === 'sqlite' ? await mkdtemp(join(tmpdir(), 'trunkline-bench-')) : undefined
  const manager = new MultiSessionManager({
    store: folder ? createSqliteStore({ path: join(folder, 'trunkline.db') }) : createMemoryStore(),
    webSocketUrl: options.url,
    certPublicKey: options.rootPublicKey,
    connectsPerSecond: options.connectsPerSecond,
    logger: pino({ level: 'silent' }),
  })
  const got = (account: string, kind: Kind) => listener.received({ account, kind })
  manager.on('message', ({ sessionId: account, message }) => {
    const kind = kindOf(message)
    if (kind) listener.received({ account, kind, id: message.id })
  })
  manager.on('message.reaction', ({ sessionId, message }) => {
    // Reactions are of what the other one wrote.
    if (message.fromMe) got(sessionId, 'reaction')
  })
  manager.on('message.edited', ({ sessionId, message }) => {
    if (!message.fromMe) got(sessionId, 'edit')
  })
  manager.on('message.deleted', ({ sessionId, message }) => {
    if (!message.fromMe) got(sessionId, 'deletion')
  })
  await manager.start()

  return {
    link: (account, scanQr) => linkAccount(manager, account, scanQr),
    async send(account, to, kind, about) {
      const quote = about === undefined ? {} : { quotedMessageId: about }
      return (await manager.send(account, { to, ...contentOf(kind, files), ...quote })).id
    },
    async change(account, _to, kind, id) {
      const { messages } = manager.session(account)
      if (kind === 'reaction') await messages.react({ id }, '👍')
      else if (kind === 'edit') await messages.edit({ id }, { text: WORDS.edited })
      else await messages.delete({ id })
    },
    async download(account, id) {
      const file = await manager.session(account).media.open({ id })
      let bytes = 0
      for await (const chunk of file.read()) bytes += chunk.length
      return bytes
    },
    async close() {
      await manager.close()
      if (folder) await rm(folder, { recursive: true })
    },
  }
}

function contentOf(kind: NewKind, files: Files): MessageContent {
  const { latitude, longitude, name, phone, caption, startsAt } = WORDS
  switch (kind) {
    case 'text':
    case 'reply':
      return { text: WORDS.text }
    case 'location':
      return { type: 'location', latitude, longitude }
    case 'contact':
      return { type: 'contact', contacts: [{ name, phone }] }
    case 'poll':
      return { type: 'poll', question: WORDS.question, options: [...WORDS.options] }
    case 'event':
      return { type: 'event', name: WORDS.question, startsAt }
    case 'image':
      return { type: 'image', media: { data: files.image() }, caption }
    case 'sticker':
      return { type: 'sticker', media: { data: files.sticker() } }
    case 'video':
      return { type: 'video', media: { data: files.video(), mimetype: 'video/mp4' }, caption }
    case 'voice':
      return { type: 'voice', media: { data: files.voice() } }
    case 'document':
      return { type: 'document', media: { data: files.document(), mimetype: 'application/pdf', fileName: 'a.pdf' } }
  }
}

const KINDS: Partial<Record<Message['type'], Kind>> = {
  location: 'location',
  contact: 'contact',
  poll: 'poll',
  event: 'event',
  image: 'image',
  sticker: 'sticker',
  video: 'video',
  voice: 'voice',
  document: 'document',
}

function kindOf({ type, quotedMessageId }: Message): Kind | undefined {
  return type === 'text' ? (quotedMessageId ? 'reply' : 'text') : KINDS[type]
}

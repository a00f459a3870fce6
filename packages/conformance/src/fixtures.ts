import type { Jid, SessionRecord, StoredMessage, UserRecord } from '@trunkline/core/store'

/** An ISO time, so many seconds after the start of 2026. */
export function at(seconds: number): string {
  return new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString()
}

/** Bytes that look random and are the same in every run. */
export function noise(length: number, seed = 1): Uint8Array {
  let state = seed
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 24
  })
}

export const ALICE: Jid = '15550000001@s.whatsapp.net'
export const ALICE_LID: Jid = '200000000000001@lid'
export const BOB: Jid = '15550000002@s.whatsapp.net'
export const BOB_LID: Jid = '200000000000002@lid'
export const ME: Jid = '200000000000009@lid'
export const GROUP: Jid = '120363000000000001@g.us'

/** An inbound text message. */
export function message(changes: Partial<StoredMessage> = {}): StoredMessage {
  return {
    id: '3EB0000000000000000001',
    sessionId: 's',
    chatId: ALICE,
    senderId: changes.fromMe ? ME : (changes.chatId ?? ALICE),
    fromMe: false,
    timestamp: at(0),
    type: 'text',
    text: 'hello',
    reactions: [],
    status: changes.fromMe ? 'pending' : 'delivered',
    source: changes.fromMe ? 'api' : 'live',
    ...changes,
  }
}

/** A session record with nothing but what it must have. */
export function session(id: string, changes: Partial<SessionRecord> = {}): SessionRecord {
  return {
    id,
    metadata: {},
    settings: {},
    desired: 'stopped',
    status: 'stopped',
    statusSince: at(0),
    counters: { sent: 0, received: 0, failed: 0, chats: 0 },
    attempts: { count: 0 },
    errors: [],
    attemptsLog: [],
    createdAt: at(0),
    updatedAt: at(0),
    revision: 1,
    ...changes,
  }
}

/** A session record in which every field is set. */
export function fullSession(id: string): SessionRecord {
  return session(id, {
    label: 'Störung 1 🙂',
    metadata: { team: 'support', 'with.dots': 'a', $dollar: 'b', '': 'empty' },
    settings: {
      preload: { type: 'individual', limit: 30 },
      deviceName: 'Desk',
      markOnline: true,
      ignoreGroups: false,
      pacing: {
        preset: 'careful',
        chatGapMs: [0, 9],
        quietHours: { from: '22:00', to: '07:30', timeZone: 'Europe/Berlin' },
      },
    },
    desired: 'running',
    status: 'reconnecting',
    statusReason: { code: 'CONNECTION_LOST', message: 'lost', action: 'Wait', retryAt: at(9) },
    account: { jid: ALICE, lid: ALICE_LID, phone: '15550000001', pushName: 'Alice', platform: 'android' },
    messagesOf: { jid: ALICE, lid: ALICE_LID, phone: '15550000001' },
    device: { id: 3, name: 'Desk', linkedAt: at(1) },
    counters: { sent: 1, received: 2, failed: 3, chats: 4 },
    attempts: { count: 2, lastAt: at(5), nextAt: at(9) },
    errors: [{ at: at(5), code: 'CONNECTION_LOST', message: 'lost' }],
    attemptsLog: [{ at: at(5), outcome: 'close', code: 'CONNECTION_LOST', message: 'lost' }],
    restrictions: [{ code: 'REACHOUT_TIMELOCK', since: at(7), until: at(99) }],
    healthCheck: { at: at(6), ok: false, latencyMs: 12.5, problem: 'slow' },
    lastConnectedAt: at(2),
    lastActivityAt: at(3),
    node: 'node-1',
  })
}

export function user(id: string, changes: Partial<UserRecord> = {}): UserRecord {
  return {
    id,
    name: 'Ann',
    email: `${id}@example.com`,
    role: 'operator',
    sessionIds: ['s'],
    createdAt: at(0),
    disabled: false,
    passwordHash: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA',
    tokenEpoch: 0,
    madeBy: 'environment',
    revision: 1,
    ...changes,
  }
}

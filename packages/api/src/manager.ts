import type {
  Chat,
  ChatKind,
  CreateSessionOptions,
  EventName,
  EventOf,
  HealthCheckResult,
  LoggedEvent,
  Message,
  MessageRef,
  MessageType,
  Page,
  PageOptions,
  PairingCode,
  Qr,
  SendOptions,
  Session,
  SessionDetails,
  SessionStats,
  Store,
  UpdateSessionOptions,
} from '@trunkline/core'

// STAND-IN until MultiSessionManager is there.
export interface Manager {
  readonly store: Store
  create(options?: CreateSessionOptions): Promise<Session>
  get(sessionId: string): Promise<Session>
  list(
    options?: PageOptions & { ids?: readonly string[]; filter?: 'active' | 'connected' | 'problematic' },
  ): Promise<Page<Session>>
  update(sessionId: string, changes: UpdateSessionOptions): Promise<Session>
  delete(sessionId: string): Promise<void>
  cleanup(sessionId: string): Promise<void>
  startSession(sessionId: string): Promise<Session>
  stopSession(sessionId: string): Promise<Session>
  restartSession(sessionId: string): Promise<Session>
  logoutSession(sessionId: string): Promise<Session>
  qr(sessionId: string): Promise<Qr>
  requestPairingCode(sessionId: string, options: { phone: string }): Promise<PairingCode>
  details(sessionId: string): Promise<SessionDetails>
  stats(options?: { ids?: readonly string[] }): Promise<SessionStats>
  resetAttempts(sessionId: string): Promise<Session>
  healthCheck(sessionId: string): Promise<HealthCheckResult>
  cleanupInactive(options?: { ids?: readonly string[] }): Promise<{ stopped: string[]; removed: string[] }>
  send(sessionId: string, message: SendOptions): Promise<Message>
  messages(
    sessionId: string,
    query?: PageOptions & {
      chatId?: string
      before?: string
      after?: string
      type?: MessageType
      fromMe?: boolean
      text?: string
    },
  ): Promise<Page<Message>>
  message(sessionId: string, ref: MessageRef): Promise<Message>
  chats(sessionId: string, query?: PageOptions & { kind?: ChatKind; archived?: boolean }): Promise<Page<Chat>>
  chat(sessionId: string, chatId: string): Promise<Chat>
  events(
    sessionId: string,
    options: { after: number; limit?: number },
  ): Promise<{ events: LoggedEvent[]; gap: boolean }>
  lastSeq(sessionId: string): Promise<number>
  onAny(listener: (name: EventName, event: EventOf<EventName>) => void): () => void
}

import type { Connection } from '../ports/connector.js'
import { assertNever } from '../util/assert-never.js'
import { KeyedMutex } from '../util/keyed-mutex.js'
import { ArrivalOrder } from './arrival-order.js'
import { AutoDownloads } from './auto-downloads.js'
import { ChatActions } from './chat-actions.js'
import type { SessionCommand } from './commands.js'
import { ContactOperations } from './contact-operations.js'
import { DisappearingChats } from './disappearing-chats.js'
import { GroupOperations } from './group-operations.js'
import { groupHandlers } from './groups.js'
import { HealthMonitor } from './health-monitor.js'
import { Identities } from './identities.js'
import { Inbox } from './inbox.js'
import { LabelOperations } from './label-operations.js'
import { MediaDownloads } from './media-downloads.js'
import { MessageActions } from './message-actions.js'
import type { SessionMetrics } from './metrics.js'
import { askNewsletters } from './newsletters.js'
import { noticeHandlers } from './notices.js'
import { Outbox } from './outbox.js'
import { OwnDevices } from './own-devices.js'
import { Pairing } from './pairing.js'
import { ProfileOperations } from './profile-operations.js'
import type { SessionPublisher } from './publisher.js'
import { QueueIntake } from './queue-intake.js'
import { QueuedFiles } from './queued-files.js'
import { Recipients } from './recipients.js'
import { References } from './references.js'
import { Repeats } from './repeats.js'
import type { SendLimits } from './send-limits.js'
import { SendQueue } from './send-queue.js'
import { SentMessages } from './sent-messages.js'
import { ServerTime } from './server-time.js'
import type { SessionServices } from './services.js'
import type { RunFeatures } from './session-run.js'
import type { SessionState } from './session-state.js'
import { StatusReaders } from './status-readers.js'

/** What can be asked of a session that is connected, and of no other. */
export type OnlineCommand = Extract<
  SessionCommand,
  {
    kind:
      | 'react'
      | 'edit'
      | 'delete-message'
      | 'vote'
      | 'respond'
      | 'star'
      | 'remove-message'
      | 'chat'
      | 'groups'
      | 'contacts'
      | 'newsletters'
      | 'labels'
      | 'profile'
  }
>

export interface SessionFeaturesParts {
  services: SessionServices
  state: SessionState
  publisher: SessionPublisher
  metrics: SessionMetrics
  limits: SendLimits
}

/**
 * All that a session does once it runs, put together. Made when the first of it is needed: a node keeps something of every session of
 * its store, and most of those run on others.
 */
export class SessionFeatures {
  readonly pairing: Pairing
  readonly outbox: Outbox
  /** Where the store keeps jobs. */
  readonly queue: { intake: QueueIntake; sending: SendQueue } | undefined
  readonly downloads: MediaDownloads
  readonly health: HealthMonitor
  /** What of it belongs to a connection. */
  readonly run: RunFeatures
  readonly #actions: MessageActions
  readonly #chats: ChatActions
  readonly #groups: GroupOperations
  readonly #contacts: ContactOperations
  readonly #profile: ProfileOperations
  readonly #labels: LabelOperations

  constructor({ services, state, publisher, metrics, limits }: SessionFeaturesParts) {
    const identities = new Identities(state.id, services.store.chats)
    const disappearing = new DisappearingChats(state.id, services.store.chats)
    const order = new ArrivalOrder()
    const serverTime = new ServerTime(services.clock)
    const parts = { state, services, publisher, metrics, identities, disappearing, order, serverTime }
    this.pairing = new Pairing(parts)
    const recipients = new Recipients(parts)
    const repeats = new Repeats(parts, recipients)
    const sendParts = { ...parts, recipients, repeats, references: new References(parts), turns: new KeyedMutex() }
    this.outbox = new Outbox(sendParts, new StatusReaders(parts))
    const { jobs } = services.store
    const files = new QueuedFiles({ ...parts, jobs })
    this.queue = jobs && {
      intake: new QueueIntake({ ...sendParts, jobs, files }),
      sending: new SendQueue({ ...parts, recipients, outbox: this.outbox, jobs, files }),
    }
    this.downloads = new MediaDownloads(parts)
    this.health = new HealthMonitor(parts)
    const autoDownloads = new AutoDownloads(parts, this.downloads)
    const inbox = new Inbox(parts, autoDownloads)
    const ownDevices = new OwnDevices(parts)
    this.#actions = new MessageActions(parts, this.outbox)
    this.#chats = new ChatActions(parts, { inbox, ownDevices, outbox: this.outbox })
    this.#groups = new GroupOperations(parts)
    this.#contacts = new ContactOperations(parts)
    this.#profile = new ProfileOperations(parts)
    this.#labels = new LabelOperations(parts, { inbox })
    const sent = new SentMessages(parts)
    this.run = {
      handlers: {
        ...this.pairing.handlers,
        ...inbox.handlers,
        ...this.outbox.handlers,
        ...ownDevices.handlers,
        ...this.#labels.handlers,
        ...noticeHandlers(parts),
        ...groupHandlers(parts),
        ...limits.handlers,
      },
      beforeConnect: ({ epoch }) => {
        order.begin(epoch)
        disappearing.forget()
        limits.begin()
      },
      beforeOpen: async ({ at, account }) => {
        serverTime.begin(at)
        // The own account is mentioned and quoted like anybody else, and nobody else tells its two addresses.
        if (account.lid) await inbox.learn([{ pn: account.jid, lid: account.lid }])
        // What is pending now is of an earlier connection.
        await this.outbox.recover()
      },
      afterOpen: async (connection) => {
        await inbox.opened(connection)
        this.queue?.sending.begin(connection)
      },
      getMessage: (asked) => sent.find(asked),
      afterConnection: async () => {
        this.pairing.clear()
        limits.end()
        await this.queue?.sending.end()
        await this.outbox.connectionLost()
        autoDownloads.connectionLost()
        await this.downloads.connectionLost()
      },
    }
  }

  /** @throws what the method of the command throws */
  ask(command: OnlineCommand, connection: Connection): Promise<unknown> {
    switch (command.kind) {
      case 'react':
      case 'edit':
      case 'delete-message':
      case 'vote':
      case 'respond':
        return this.#actions.run(command, connection)
      case 'star':
      case 'remove-message':
        return this.#chats.mark(command, connection)
      case 'chat':
        return this.#chats.run(command, connection)
      case 'groups':
        return this.#groups.execute(command.request, connection)
      case 'contacts':
        return this.#contacts.execute(command.request, connection)
      case 'newsletters':
        return askNewsletters(command.request, connection)
      case 'labels':
        return this.#labels.execute(command.request, connection)
      case 'profile':
        return this.#profile.execute(command.request, connection)
      default:
        return assertNever(command)
    }
  }
}

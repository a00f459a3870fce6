import { TrunklineError } from '../errors/trunkline-error.js'
import type { ManagerOptions } from '../manager/options.js'
import { urlGuardOf } from '../manager/url-guard.js'
import type { LogReaders } from '../readers/log-readers.js'
import type { WebhookRecord } from '../records/webhook.js'
import { createKeyRing, type SealContext } from '../sealed/key-ring.js'
import type { EventName, EventOf } from '../types/events.js'
import type { WebhookAttempt } from '../types/webhook.js'
import type { GuardedEmitter } from '../util/guarded-emitter.js'
import { createHttpSender } from '../webhooks/http-sender.js'
import { type TextSealer, WebhookRecords } from '../webhooks/webhook-records.js'
import { WebhookRunner } from '../webhooks/webhook-runner.js'
import type { WebhookDesk, WebhookNews } from '../webhooks/webhooks.js'
import type { SharedServices } from './compose-services.js'

/** Before a sealed text; no secret and no headers begin so. */
const MARK = 'sealed:'

type Parts = Pick<SharedServices, 'store' | 'clock' | 'logger' | 'random' | 'node'> & {
  readers: LogReaders
  listen(heard: (name: EventName, event: EventOf<EventName>) => void): () => void
  news: GuardedEmitter<WebhookNews>
}

/** What webhooks need, where the store has it; `undefined` where it has not. */
export function composeWebhooks(options: ManagerOptions, parts: Parts): WebhookDesk | undefined {
  const { news } = parts
  const { webhooks, cursors, jobs } = parts.store
  if (!webhooks || !cursors || !jobs) return undefined
  const sealer = sealerOf(options)
  const records = new WebhookRecords({ store: webhooks, sealer, clock: parts.clock })
  const sender = createHttpSender(urlGuardOf(options))
  const onDisabled = (record: WebhookRecord) => news.emit('disabled', records.view(record))
  const onDisabledAnywhere = (record: WebhookRecord) => news.emit('disabled-anywhere', records.view(record))
  const onAttempt = (attempt: WebhookAttempt) => news.emit('attempted', attempt)
  const heard = { onDisabled, onDisabledAnywhere, onAttempt }
  const runner = new WebhookRunner({ ...parts, records, jobs, cursors, sender, ...heard })
  return { records, runner, jobs, cursors, sender }
}

export function lacksWebhooks(): TrunklineError {
  const message = 'must keep webhooks, cursors and jobs, which webhooks need'
  const errors = [{ field: 'store', message }]
  return new TrunklineError('CONFIG_INVALID', { message: `The store ${message}`, details: { errors } })
}

/** @throws CONFIG_INVALID for a ring that is none */
function sealerOf({ encryptionKeys }: ManagerOptions): TextSealer {
  if (!encryptionKeys?.length) return { seal: (_place, text) => text, open: (_place, stored) => openable(stored) }
  const ring = createKeyRing(encryptionKeys)
  const contextOf = (place: string): SealContext => ({ sessionId: '#webhooks', type: 'webhook', id: place })
  return {
    seal: (place, text) => MARK + Buffer.from(ring.seal(contextOf(place), Buffer.from(text))).toString('base64'),
    // What was stored before there was a key is not sealed.
    open: (place, stored) =>
      stored.startsWith(MARK)
        ? Buffer.from(ring.open(contextOf(place), Buffer.from(stored.slice(MARK.length), 'base64'))).toString()
        : stored,
  }
}

function openable(stored: string): string {
  if (!stored.startsWith(MARK)) return stored
  const message = 'The secrets of webhooks are sealed, and no key was given: encryptionKeys'
  throw new TrunklineError('ENCRYPTION_KEY_WRONG', { message, details: {} })
}

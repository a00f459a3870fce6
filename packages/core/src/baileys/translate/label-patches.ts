import { type BaileysEventMap, proto, type WAPatchName } from '@whiskeysockets/baileys'
import type { ConnectionEvent } from '../../ports/connector.js'
import type { LabelConnection } from '../../ports/label-connection.js'
import { normalizeJid } from '../../records/jid.js'
import type { LabelRecord } from '../../types/label.js'
import { shortened } from './bounds.js'
import type { AppStatePatch } from './chat-patches.js'

/** Where WhatsApp keeps labels, and what carries them. */
export const LABELS_COLLECTION = 'regular' satisfies WAPatchName

/** What is written to app state for a label, by WhatsApp's own index and version. */
export function labelPatch({ id, name, color, deleted }: LabelRecord, { nowMs }: { nowMs: number }): AppStatePatch {
  return patch(['label_edit', id], { labelEditAction: { name, color, deleted } }, nowMs)
}

/** What is written for a label that is put on something, or taken off. Phones name no author of a message here. */
export function labeledPatch(
  labelId: string,
  { chatId, message, labeled }: Parameters<LabelConnection['attach']>[1],
  { nowMs }: { nowMs: number },
): AppStatePatch {
  const index = message ? ['label_message', labelId, chatId, message.id, '0', '0'] : ['label_jid', labelId, chatId]
  return patch(index, { labelAssociationAction: { labeled } }, nowMs)
}

function patch(index: string[], action: proto.ISyncActionValue, nowMs: number): AppStatePatch {
  const { SET } = proto.SyncdMutation.SyncdOperation
  return {
    type: LABELS_COLLECTION,
    index,
    syncAction: { timestamp: nowMs, ...action },
    apiVersion: 3,
    operation: SET,
  }
}

/** `undefined` for what is the label of nothing. A label that has ended may come without its name. */
export function toLabel({
  id,
  name,
  color,
  deleted,
}: Partial<BaileysEventMap['labels.edit']>): ConnectionEvent | undefined {
  if (!id) return undefined
  const label = {
    id,
    deleted: deleted === true,
    ...(name ? { name: shortened(name) } : {}),
    ...(typeof color === 'number' && color >= 0 ? { color } : {}),
  }
  return { type: 'label', label }
}

/** `undefined` for what names no chat. */
export function toLabeled({
  association,
  type,
}: BaileysEventMap['labels.association']): Extract<ConnectionEvent, { type: 'labeled' }> | undefined {
  const { labelId, chatId: given } = association
  const chatId = given ? normalizeJid(given) : undefined
  if (!labelId || !chatId) return undefined
  const message = 'messageId' in association && association.messageId ? { messageId: association.messageId } : {}
  return { type: 'labeled', labelId, chatId, ...message, labeled: type === 'add' }
}

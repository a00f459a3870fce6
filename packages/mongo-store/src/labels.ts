import { applyLabel, applyMessageChange, type LabelRecord } from '@trunkline/core/store'
import type { Connection } from './connection.js'
import type { LabelDocument } from './documents.js'
import { changeFound } from './message-documents.js'
import { retryOnDuplicate } from './retry.js'

export async function readLabels({ collections }: Connection, sessionId: string): Promise<LabelRecord[]> {
  return (await collections.labels.find({ sessionId }).sort({ id: 1 }).toArray()).map(recordOf)
}

/** Answers those that say something new, as they are after all of it. */
export async function upsertLabels(
  connection: Connection,
  sessionId: string,
  labels: readonly LabelRecord[],
): Promise<LabelRecord[]> {
  const known = new Map((await readLabels(connection, sessionId)).map((label) => [label.id, label]))
  const changed = new Map<string, LabelRecord>()
  const ended = new Set<string>()
  for (const given of labels) {
    const label = applyLabel(changed.get(given.id) ?? known.get(given.id), given)
    if (!label) continue
    changed.set(label.id, label)
    if (label.deleted) ended.add(label.id)
  }
  if (changed.size === 0) return []
  // Off what carries it first: after a crash in between the label is there still, and can be deleted again.
  for (const labelId of ended) await takeOff(connection, sessionId, labelId)
  const writes = [...changed.values()].map((label) => ({
    updateOne: { filter: { _id: `${sessionId}|${label.id}` }, update: { $set: { sessionId, ...label } }, upsert: true },
  }))
  await retryOnDuplicate(() => connection.collections.labels.bulkWrite(writes))
  return [...changed.values()]
}

const MESSAGES_AT_ONCE = 1_000

async function takeOff({ collections }: Connection, sessionId: string, labelId: string): Promise<void> {
  const { chats, messages } = collections
  await chats.updateMany({ sessionId, labels: labelId }, { $pull: { labels: labelId } })
  for (let found = MESSAGES_AT_ONCE; found === MESSAGES_AT_ONCE; ) {
    const documents = await messages.find({ sessionId, labels: labelId }).limit(MESSAGES_AT_ONCE).toArray()
    await changeFound(messages, documents, (message) =>
      applyMessageChange(message, { kind: 'label', labelId, labeled: false }),
    )
    found = documents.length
  }
}

function recordOf({ _id, sessionId, ...label }: LabelDocument): LabelRecord {
  return label
}

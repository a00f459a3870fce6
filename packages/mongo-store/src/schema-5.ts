import { labelKey } from '@trunkline/core/store'
import type { Collections } from './collections.js'

/** From schema 4 to 5: sessions are sorted by their label in a form of its own. Can be carried out again. */
export async function addLabelKeys({ sessions }: Collections): Promise<void> {
  for await (const { _id, label } of sessions.find({}, { projection: { label: 1 } })) {
    // Only while the label is that one: another node may have changed it, and has then written this, too.
    const unchanged = { _id, label: label ?? { $exists: false } }
    await sessions.updateOne(unchanged, { $set: { labelKey: labelKey(label) } })
  }
}

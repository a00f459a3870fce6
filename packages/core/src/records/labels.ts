import type { LabelRecord } from '../types/label.js'

/** The labels on something after some were put on it and others taken off. Pure: stores call it inside their own atomic step. */
export function labeled(labels: readonly string[], changes: Readonly<Record<string, boolean>>): string[] {
  const kept = labels.filter((id) => changes[id] !== false)
  const added = Object.keys(changes).filter((id) => changes[id] === true && !labels.includes(id))
  return [...kept, ...added]
}

/** The label after it was told again, or `undefined` when that says nothing new. */
export function applyLabel(known: LabelRecord | undefined, label: LabelRecord): LabelRecord | undefined {
  const { id, name, color, deleted } = label
  const isSame = known?.name === name && known.color === color && known.deleted === deleted
  return isSame ? undefined : { id, name, color, deleted }
}

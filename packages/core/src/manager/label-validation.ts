import type { LabelChanges, NewLabel } from '../types/label.js'
import { LIMITS } from '../types/limits.js'
import { fields, flag, matching, optional, refuse, text, wholeNumber, wrong } from './checks.js'

const name = text({ maxLength: LIMITS.chatLabel.maxNameLength, trimmed: true })
const color = wholeNumber({ min: 0, max: LIMITS.chatLabel.maxColor })

const newLabel = fields<NewLabel>({ name, color: optional(color) })
const labelChanges = fields<LabelChanges>({ name: optional(name), color: optional(color) })

/** @throws VALIDATION_FAILED naming each field */
export function checkLabelId(labelId: string, options: { labeled?: boolean } = {}): void {
  refuse([
    ...matching(LIMITS.chatLabel.idPattern)(labelId, 'labelId'),
    ...('labeled' in options ? flag(options.labeled, 'labeled') : []),
  ])
}

/** @throws VALIDATION_FAILED naming each field */
export function checkNewLabel(given: NewLabel): Required<NewLabel> {
  refuse(newLabel(given, ''))
  return { name: given.name.trim(), color: given.color ?? 0 }
}

/** @throws VALIDATION_FAILED when nothing is to change, too */
export function checkLabelChanges(given: LabelChanges): LabelChanges {
  refuse(labelChanges(given, ''))
  const { name: newName, color: newColor } = given
  if (newName === undefined && newColor === undefined) refuse(wrong('changes', 'must name something'))
  return {
    ...(newName === undefined ? {} : { name: newName.trim() }),
    ...(newColor === undefined ? {} : { color: newColor }),
  }
}

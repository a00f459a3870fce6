import type { BaileysEventMap, WASocket } from '@whiskeysockets/baileys'
import type { Clock } from '../../ports/clock.js'
import type { LabelConnection } from '../../ports/label-connection.js'
import type { LabelRecord } from '../../types/label.js'
import type { AppStatePatch } from '../translate/chat-patches.js'
import { LABELS_COLLECTION, labeledPatch, labelPatch } from '../translate/label-patches.js'

export interface BaileysLabelsParts {
  clock: Pick<Clock, 'now'>
  onSocket<Result>(work: (socket: WASocket) => Promise<Result>): Promise<Result>
  /** Writes to app state, which the phone reads. */
  write(patch: AppStatePatch): Promise<void>
  /** Reads a collection of app state from its beginning. */
  readAgain(name: AppStatePatch['type']): Promise<void>
}

/** The labels of the account, over one connection. */
export class BaileysLabels implements LabelConnection {
  readonly #parts: BaileysLabelsParts

  constructor(parts: BaileysLabelsParts) {
    this.#parts = parts
  }

  readAll(): Promise<string[]> {
    const { onSocket, readAgain } = this.#parts
    return onSocket(async ({ ev }) => {
      const ids = new Set<string>()
      const hear = ({ id }: BaileysEventMap['labels.edit']) => void ids.add(id)
      ev.on('labels.edit', hear)
      try {
        await readAgain(LABELS_COLLECTION)
      } finally {
        ev.off('labels.edit', hear)
      }
      return [...ids]
    })
  }

  write(label: LabelRecord): Promise<void> {
    return this.#parts.write(labelPatch(label, { nowMs: this.#parts.clock.now() }))
  }

  attach(labelId: string, to: Parameters<LabelConnection['attach']>[1]): Promise<void> {
    return this.#parts.write(labeledPatch(labelId, to, { nowMs: this.#parts.clock.now() }))
  }
}

import { applyChatChange, applyLabel, applyMessageChange, type LabelRecord } from '@trunkline/core/store'
import { readChat, writeChat } from './chat-rows.js'
import type { Engine, Row } from './engine.js'
import { MESSAGE_COLUMNS, type MessageRow, replaceMessage, storedMessageOf } from './message-rows.js'

interface LabelRow extends Row {
  id: string
  name: string
  color: number
  deleted: number
}

export function readLabels(engine: Engine, sessionId: string): LabelRecord[] {
  const sql = 'SELECT id, name, color, deleted FROM labels WHERE session_id = ? ORDER BY id'
  return engine.all<LabelRow>(sql, sessionId).map(recordOf)
}

/** Answers whether it says something new. */
export function writeLabel(engine: Engine, sessionId: string, given: LabelRecord): boolean {
  const sql = 'SELECT id, name, color, deleted FROM labels WHERE session_id = ? AND id = ?'
  const row = engine.get<LabelRow>(sql, sessionId, given.id)
  const label = applyLabel(row && recordOf(row), given)
  if (!label) return false
  const { id, name, color, deleted } = label
  const values = 'INSERT OR REPLACE INTO labels (session_id, id, name, color, deleted) VALUES (?, ?, ?, ?, ?)'
  engine.run(values, sessionId, id, name, color, deleted ? 1 : 0)
  if (deleted) takeOff(engine, sessionId, id)
  return true
}

function takeOff(engine: Engine, sessionId: string, labelId: string): void {
  const chats = engine.all<{ id: string }>(
    `SELECT id FROM chats INDEXED BY chats_labeled WHERE session_id = ? AND labels IS NOT NULL`,
    sessionId,
  )
  for (const { id } of chats) {
    const chat = readChat(engine, sessionId, id)
    if (chat?.labels?.includes(labelId))
      writeChat(engine, sessionId, applyChatChange(chat, { id, labels: { [labelId]: false } }))
  }
  const messages = engine.all<MessageRow>(
    `SELECT ${MESSAGE_COLUMNS} FROM messages INDEXED BY messages_labeled
     WHERE session_id = ? AND json_extract(record, '$.labels') IS NOT NULL`,
    sessionId,
  )
  for (const row of messages) {
    const message = applyMessageChange(storedMessageOf(row), { kind: 'label', labelId, labeled: false })
    if (message) replaceMessage(engine, { number: row.number, message })
  }
}

function recordOf({ id, name, color, deleted }: LabelRow): LabelRecord {
  return { id, name, color, deleted: deleted === 1 }
}

import { decodePatches, newLTHashState, proto, type WAPatchName } from '@whiskeysockets/baileys'
import type { AccountState } from '../model/state.js'
import type { World } from '../model/world.js'

/** What the account has set for a chat, on whichever device. */
export interface ChatSettings {
  archived: boolean
  pinned: boolean
  /** Milliseconds since 1970; -1: for ever. */
  mutedUntil?: number
  /** The dot of a chat that somebody has marked as unread. */
  markedUnread: boolean
  /** Ids of messages. */
  starred: string[]
  /** Ids of labels that are on the chat. */
  labels: string[]
  /** Ids of messages by the label that is on them. */
  labeledMessages: Record<string, string[]>
  deletedForMe: string[]
  /** Of the newest message that is gone, in seconds since 1970. */
  clearedUntil?: number
  deletedUntil?: number
}

type Entry = { index: string[]; value: proto.ISyncActionValue }

/** Opens all that was written to app state with its MACs, as a phone does that knows nothing yet. The last value of an index counts. */
export async function readAppState({ appState }: AccountState): Promise<Entry[]> {
  const entries = new Map<string, Entry>()
  for (const [name, { patches }] of appState.collections) {
    // One patch after the other: within one call of Baileys' reader the first value of an index is found last.
    let state = newLTHashState()
    for (const bytes of patches) {
      const { state: next, mutationMap } = await decodePatches(
        name as WAPatchName,
        [proto.SyncdPatch.decode(bytes)],
        state,
        async () => ({ keyData: appState.keyData }),
        {},
        undefined,
        undefined,
        true,
      )
      state = next
      for (const { index, syncAction } of Object.values(mutationMap)) {
        const key = JSON.stringify(index)
        entries.delete(key)
        entries.set(key, { index: [...index], value: syncAction.value ?? {} })
      }
    }
  }
  return [...entries.values()]
}

/** What of it is about a chat, by either address of the person. */
export function settingsOf(entries: readonly Entry[], chat: string, world: World): ChatSettings {
  const settings: ChatSettings = {
    archived: false,
    pinned: false,
    markedUnread: false,
    starred: [],
    labels: [],
    labeledMessages: {},
    deletedForMe: [],
  }
  const isMeant = (jid: string) =>
    jid === chat || (world.accountOf(jid) !== undefined && world.accountOf(jid) === world.accountOf(chat))
  const ids = labelsOf(entries).map(({ id }) => id)
  for (const { index, value } of entries) {
    const [name, first = '', second = '', messageId = ''] = index
    if (value.labelAssociationAction) {
      const isOn = value.labelAssociationAction.labeled === true && ids.includes(first) && isMeant(second)
      if (isOn && name === 'label_jid') settings.labels.push(first)
      if (!isOn || name !== 'label_message') continue
      const labeled = settings.labeledMessages[first] ?? []
      settings.labeledMessages[first] = [...labeled, messageId]
    } else if (isMeant(first)) apply(settings, value, second)
  }
  return settings
}

/** A label as the account has it. */
export interface PhoneLabel {
  id: string
  name: string
  color: number
}

/** Those that are there still. */
export function labelsOf(entries: readonly Entry[]): PhoneLabel[] {
  return entries.flatMap(({ index: [, id = ''], value: { labelEditAction: label } }) =>
    label && !label.deleted ? [{ id, name: label.name ?? '', color: label.color ?? 0 }] : [],
  )
}

function apply(settings: ChatSettings, value: proto.ISyncActionValue, messageId: string): void {
  if (value.archiveChatAction) settings.archived = value.archiveChatAction.archived === true
  if (value.pinAction) settings.pinned = value.pinAction.pinned === true
  if (value.markChatAsReadAction) settings.markedUnread = value.markChatAsReadAction.read === false
  if (value.starAction?.starred) settings.starred.push(messageId)
  if (value.deleteMessageForMeAction) settings.deletedForMe.push(messageId)
  if (value.muteAction) {
    if (value.muteAction.muted) settings.mutedUntil = Number(value.muteAction.muteEndTimestamp ?? 0)
    else delete settings.mutedUntil
  }
  const cleared = value.clearChatAction?.messageRange?.lastMessageTimestamp
  if (cleared) settings.clearedUntil = Number(cleared)
  const deleted = value.deleteChatAction?.messageRange?.lastMessageTimestamp
  if (deleted) settings.deletedUntil = Number(deleted)
}

import { describe, expect, it } from 'vitest'
import { type SyncAction, toCleared } from './sync-actions.js'

const CAROL = '200015550000003@lid'
const action = (index: string[], value: SyncAction['syncAction']['value']): SyncAction => ({
  index,
  syncAction: { value },
})
const range = { messageRange: { lastMessageTimestamp: 1_764_000_000 } }

describe('chats that were deleted or emptied on another device', () => {
  it.each([
    [
      'deleted',
      action(['deleteChat', CAROL, '1'], { deleteChatAction: range }),
      { until: '2025-11-24T16:00:00.000Z', isDeleted: true, keepStarred: false },
    ],
    [
      'emptied',
      action(['clearChat', CAROL, '1', '0'], { clearChatAction: range }),
      { until: '2025-11-24T16:00:00.000Z', isDeleted: false, keepStarred: false },
    ],
    [
      'emptied but for what has a star',
      action(['clearChat', CAROL, '0', '0'], { clearChatAction: range }),
      { until: '2025-11-24T16:00:00.000Z', isDeleted: false, keepStarred: true },
    ],
    [
      'deleted, by a device that says the time only',
      action(['deleteChat', CAROL, '0'], { timestamp: 1_764_000_001_500, deleteChatAction: {} }),
      { until: '2025-11-24T16:00:01.500Z', isDeleted: true, keepStarred: false },
    ],
  ])('%s', (_what, given, expected) => {
    expect(toCleared(given)).toEqual({ type: 'cleared', chatId: CAROL, ...expected })
  })

  it.each([
    ['something else was done', action(['archive', CAROL], { archiveChatAction: { archived: true } })],
    ['it is not said of which chat', action(['deleteChat'], { deleteChatAction: range })],
    ['it is not said what was meant, nor when', action(['deleteChat', CAROL, '1'], { deleteChatAction: {} })],
  ])('none when %s', (_what, given) => {
    expect(toCleared(given)).toBeUndefined()
  })
})

import type { proto } from '@whiskeysockets/baileys'
import type { MessageType } from '../../types/message.js'
import * as gatherings from './describe-gatherings.js'
import * as interactive from './describe-interactive.js'
import * as media from './describe-media.js'
import * as trade from './describe-trade.js'
import * as words from './describe-words.js'
import { type Description, notice, worded } from './description.js'

export type Content = proto.IMessage
export type ContentField = keyof Content
export type ContentParts = { [Field in ContentField]-?: NonNullable<Content[Field]> }

/** How a field of WhatsApp's `Message` is read, and what a person sees of it. */
export type ContentRow<Part> = { sees: string } & (
  | { becomes: MessageType; describe(part: Part): Description }
  /** Holds a whole message, which is read in its place. */
  | { becomes: 'what is inside' }
  /** Changes an earlier message. */
  | { becomes: 'change' }
  /** Keys and other machinery, never stored. */
  | { becomes: 'nothing' }
)

const inside = (sees: string) => ({ sees, becomes: 'what is inside' }) as const
const change = (sees: string) => ({ sees, becomes: 'change' }) as const
const machinery = (sees: string) => ({ sees, becomes: 'nothing' }) as const
const hidden = (sees: string) =>
  ({ sees, becomes: 'hidden', describe: (): Description => ({ type: 'hidden' }) }) as const
const line = (sees: string, kind: string) => ({ sees, becomes: 'system', describe: () => notice(kind) }) as const

function shown<Part>(sees: string, becomes: MessageType, describe: (part: Part) => Description) {
  return { sees, becomes, describe }
}

/** One row for each field of `proto.Message`; docs/compatibility.md shows it. A field of a new Baileys does not compile without one. */
export const CONTENT_TABLE: { [Field in keyof ContentParts]: ContentRow<ContentParts[Field]> } = {
  conversation: shown('text', 'text', (text) => worded('text', [text])),
  extendedTextMessage: shown('text, link card; the advertisement that was clicked', 'text', words.extendedText),

  imageMessage: shown('picture, caption', 'image', media.image),
  videoMessage: shown('video or GIF, caption', 'video', media.video),
  ptvMessage: shown('round video note', 'video', media.videoNote),
  audioMessage: shown('audio file, or voice message', 'audio', media.audio),
  documentMessage: shown('file, caption', 'document', media.document),
  stickerMessage: shown('sticker', 'sticker', media.sticker),
  stickerPackMessage: shown('name of a pack of stickers', 'sticker', media.stickerPack),
  locationMessage: shown('place, comment', 'location', media.place),
  liveLocationMessage: shown('moving place, caption', 'location', media.livePlace),

  contactMessage: shown('contact card', 'contact', (contact) => gatherings.contacts([contact])),
  contactsArrayMessage: shown('contact cards', 'contact', ({ contacts }) => gatherings.contacts(contacts ?? [])),
  pollCreationMessage: shown('poll', 'poll', gatherings.poll),
  pollCreationMessageV2: shown('poll', 'poll', gatherings.poll),
  pollCreationMessageV3: shown('poll', 'poll', gatherings.poll),
  pollCreationMessageV5: shown('poll', 'poll', gatherings.poll),
  pollResultSnapshotMessage: shown('question and counts', 'poll', gatherings.pollResult),
  pollResultSnapshotMessageV3: shown('question and counts', 'poll', gatherings.pollResult),
  eventMessage: shown('name, description, time and place', 'event', gatherings.event),
  groupInviteMessage: shown('invitation to a group, caption', 'invite', (wire) =>
    gatherings.invite({
      jid: wire.groupJid,
      name: wire.groupName,
      caption: wire.caption,
      code: wire.inviteCode,
      expires: wire.inviteExpiration,
    }),
  ),
  newsletterAdminInviteMessage: shown('invitation to run a channel, caption', 'invite', (wire) =>
    gatherings.invite({
      jid: wire.newsletterJid,
      name: wire.newsletterName,
      caption: wire.caption,
      expires: wire.inviteExpiration,
    }),
  ),
  newsletterFollowerInviteMessageV2: shown('invitation to a channel, caption', 'invite', (wire) =>
    gatherings.invite({ jid: wire.newsletterJid, name: wire.newsletterName, caption: wire.caption }),
  ),
  scheduledCallCreationMessage: shown('planned call with title and time', 'call', gatherings.plannedCall),
  bcallMessage: shown('broadcast call, caption', 'call', gatherings.broadcastCall),
  callLogMesssage: shown('a call: missed, or how long', 'call', gatherings.callLog),

  templateMessage: shown('title, text, footer, picture, buttons', 'interactive', interactive.template),
  highlyStructuredMessage: shown('text of a template', 'interactive', interactive.structured),
  buttonsMessage: shown('text, footer, picture, buttons', 'interactive', interactive.buttons),
  listMessage: shown('title, text, footer, list', 'interactive', interactive.list),
  interactiveMessage: shown('header, text, footer, picture, buttons, cards', 'interactive', interactive.interactive),
  buttonsResponseMessage: shown('the button that was tapped', 'text', interactive.buttonReply),
  templateButtonReplyMessage: shown('the button that was tapped', 'text', interactive.templateReply),
  listResponseMessage: shown('the row that was tapped', 'text', interactive.listReply),
  interactiveResponseMessage: shown('the answer that was tapped or filled in', 'text', interactive.interactiveReply),

  productMessage: shown('picture, title, description, price', 'product', trade.product),
  orderMessage: shown('title, text, total', 'order', trade.order),
  invoiceMessage: shown('note, attachment', 'payment', trade.invoice),
  sendPaymentMessage: shown('note of a payment', 'payment', trade.payment),
  requestPaymentMessage: shown('note and amount that is asked for', 'payment', trade.paymentRequest),

  richResponseMessage: shown('answer of an AI', 'text', words.richResponse),
  questionResponseMessage: shown('answer to a question', 'text', ({ text, key }) => words.keyed('text', text, key)),
  statusQuestionAnswerMessage: shown('answer to the question of a status', 'text', ({ text, key }) =>
    words.keyed('text', text, key),
  ),
  statusQuotedMessage: shown('text about a status', 'text', ({ text, originalStatusId }) =>
    words.keyed('text', text, originalStatusId),
  ),

  declinePaymentRequestMessage: line('line: the request was declined', 'payment_declined'),
  cancelPaymentRequestMessage: line('line: the request was taken back', 'payment_canceled'),
  paymentInviteMessage: line('line: invited to payments', 'payment_invite'),
  requestPhoneNumberMessage: line('line: asks for the phone number', 'number_requested'),
  scheduledCallEditMessage: line('line: the planned call was canceled', 'call_canceled'),
  call: line('line: a call', 'call'),
  messageHistoryBundle: line('line: earlier messages were shared', 'history_shared'),
  messageHistoryNotice: line('line: earlier messages were shared', 'history_shared'),
  placeholderMessage: shown('line: open it on the phone', 'placeholder', () => ({
    type: 'placeholder',
    notice: { kind: 'masked' },
  })),

  ephemeralMessage: inside('disappearing message'),
  viewOnceMessage: inside('view-once message'),
  viewOnceMessageV2: inside('view-once message'),
  viewOnceMessageV2Extension: inside('view-once message'),
  documentWithCaptionMessage: inside('file, caption'),
  editedMessage: inside('the edit'),
  associatedChildMessage: inside('part of an album; a better copy of a picture is hidden'),
  groupStatusMessage: inside('status in a group'),
  groupStatusMessageV2: inside('status in a group'),
  groupMentionedMessage: inside('message that mentions a group'),
  lottieStickerMessage: inside('animated sticker'),
  eventCoverImage: inside('picture of an event'),
  pollCreationMessageV4: inside('poll'),
  pollCreationOptionImageMessage: inside('picture of an option'),
  statusMentionMessage: inside('line: mentioned in a status'),
  groupStatusMentionMessage: inside('line: the group was mentioned in a status'),
  statusAddYours: inside('picture'),
  botInvokeMessage: inside('message to a bot'),
  botTaskMessage: inside('message of a bot'),
  botForwardedMessage: inside('forwarded message of a bot'),
  questionMessage: inside('question'),
  questionReplyMessage: inside('answer to a question'),
  limitSharingMessage: inside('line: sharing is limited'),
  deviceSentMessage: inside('what the account wrote on another device'),
  commentMessage: inside('comment on a message'),

  protocolMessage: change('an edit, a deletion, or a line; see below'),
  reactionMessage: change('a reaction'),
  encReactionMessage: change('a reaction, sealed'),
  pollUpdateMessage: change('a vote, sealed'),
  encEventResponseMessage: change('who comes to an event, sealed'),
  encCommentMessage: change('a comment, sealed'),
  secretEncryptedMessage: change('an edit, sealed'),

  albumMessage: hidden('no bubble: the parts of the album follow'),
  pinInChatMessage: hidden('no bubble: a message is pinned'),
  keepInChatMessage: hidden('no bubble: a disappearing message is kept'),
  statusNotificationMessage: hidden('no bubble'),
  statusStickerInteractionMessage: hidden('no bubble'),
  stickerSyncRmrMessage: hidden('no bubble'),
  chat: hidden('no bubble'),

  senderKeyDistributionMessage: machinery('nothing: keys'),
  fastRatchetKeySenderKeyDistributionMessage: machinery('nothing: keys'),
  messageContextInfo: machinery('nothing: what belongs to the message beside it'),
}

export type { SimulatorClientConfig } from './client-config.js'
export { simulatorClientConfig } from './client-config.js'
export type { FaultsClient, RemoteFaultRule, SimulatorClient } from './control/client.js'
export { connectSimulator } from './control/client.js'
export type { RemoteFaultAction, RemoteStanzaMatch } from './control/fault-operations.js'
export type { PhoneClient } from './control/phone-client.js'
export type { PhoneDescription, RemotePhoneOptions } from './control/simulator-operations.js'
export type { DeviceChoice, Faults, MalformedFrame, Times } from './faults/faults.js'
export type { GroupSettings } from './model/state.js'
export type { ChatSettings } from './phone/app-state-reader.js'
export type { EventAnswer } from './phone/events.js'
export type { HistoryChat, HistoryMessage, HistoryReaction, HistoryVote } from './phone/history.js'
export type { NewDevice } from './phone/linking.js'
export type { MessageMatch, MessagePredicate, PhoneFile, PhoneMessage, WaitOptions } from './phone/mailbox.js'
export type { MediaFields, MediaPart, MediaRetryMode } from './phone/media.js'
export type { MessageContent } from './phone/message-content.js'
export type { Phone } from './phone/phone.js'
export type {
  AutoReply,
  LinkedDevice,
  PhoneCallAnswer,
  PhoneFailure,
  PhoneGroupNotice,
  PhoneReceipt,
  PhoneTyping,
  SendOptions,
} from './phone/phone-types.js'
export type { PollOptions } from './phone/polls.js'
export type { ShownMessage } from './phone/shown.js'
export type { CloseCause, CloseReason } from './rules/close-cause.js'
export type { FaultAction, FaultRule, StanzaMatch } from './rules/fault-rules.js'
export type { LoginFailure } from './rules/login-faults.js'
export type { MediaFault, MediaMatch } from './rules/media-faults.js'
export type { WebVersion } from './rules/version-gate.js'
export type { GroupRole } from './server/groups.js'
export type { MediaRequest } from './server/media-hosts.js'
export type { TappedStanza, UnhandledStanza, Violation } from './server/stanza-log.js'
export type {
  ConnectionInfo,
  GroupChange,
  GroupInfo,
  GroupOptions,
  NewsletterOptions,
  NewsletterPost,
  PhoneOptions,
} from './simulator.js'
export { Simulator } from './simulator.js'
export type { SimulatorSnapshot } from './snapshot/codec.js'
export type { SimulatorOptions } from './start-simulator.js'
export { startSimulator } from './start-simulator.js'
export type { SimulatorClock } from './util/clock.js'
export type { SimulatorErrorCode } from './util/errors.js'
export { SimulatorError } from './util/errors.js'

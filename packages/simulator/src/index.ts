export type { SimulatorClientConfig } from './client-config.js'
export { simulatorClientConfig } from './client-config.js'
export type { SimulatorClock } from './clock.js'
export type {
  FaultsClient,
  RemoteFaultAction,
  RemoteFaultRule,
  RemotePhoneOptions,
  RemoteStanzaMatch,
  SimulatorClient,
} from './control/client.js'
export { connectSimulator } from './control/client.js'
export type { PhoneClient, PhoneDescription } from './control/phone-client.js'
export type { SimulatorErrorCode } from './errors.js'
export { SimulatorError } from './errors.js'
export type { CloseCause, CloseReason } from './faults/close-cause.js'
export type { FaultAction, FaultRule, StanzaMatch } from './faults/fault-rules.js'
export type { DeviceChoice, Faults, MalformedFrame, Times } from './faults/faults.js'
export type { LoginFailure } from './faults/login-faults.js'
export type { HistoryChat, HistoryMessage, HistoryReaction, HistoryVote } from './phone/history.js'
export type { NewDevice } from './phone/linking.js'
export type { MessageMatch, MessagePredicate, PhoneMessage, WaitOptions } from './phone/mailbox.js'
export type { MessageContent } from './phone/message-content.js'
export type { Phone } from './phone/phone.js'
export type {
  AutoReply,
  LinkedDevice,
  PhoneFailure,
  PhoneReceipt,
  PhoneTyping,
  SendOptions,
} from './phone/phone-types.js'
export type { PollOptions } from './phone/polls.js'
export type { GroupRole } from './server/groups.js'
export type { TappedStanza, UnhandledStanza, Violation } from './server/stanza-log.js'
export type {
  ConnectionInfo,
  GroupChange,
  GroupInfo,
  GroupOptions,
  PhoneOptions,
  SimulatorOptions,
} from './simulator.js'
export { Simulator, startSimulator } from './simulator.js'
export type { SimulatorSnapshot } from './snapshot/codec.js'

import type { MessageMatch, PhoneMessage, WaitOptions } from '../phone/mailbox.js'
import type { ControlChannel } from './control-channel.js'
import { messageFromJson } from './message-json.js'
import { methodsOf } from './methods.js'
import type { Methods } from './operation.js'
import { phoneOperations } from './phone-operations.js'

type PhoneMethods = Methods<typeof phoneOperations>

/** A phone of a simulator in another process. */
export interface PhoneClient extends Omit<PhoneMethods, 'messages' | 'waitForMessage'> {
  readonly number: string
  messages(): Promise<PhoneMessage[]>
  /** Rejects with `TIMEOUT` or the signal's reason. */
  waitForMessage(wanted: MessageMatch | string, options?: WaitOptions): Promise<PhoneMessage>
}

export function phoneClient(channel: ControlChannel, number: string): PhoneClient {
  const path = `phones/${number}/`
  const methods = methodsOf(phoneOperations, channel, path)
  return {
    ...methods,
    number,
    messages: async () => (await methods.messages()).map(messageFromJson),
    waitForMessage: async (wanted, options = {}) => {
      const body = phoneOperations.waitForMessage.bodyOf(wanted, options)
      return messageFromJson(await channel.post(`${path}waitForMessage`, body, options.signal))
    },
  }
}

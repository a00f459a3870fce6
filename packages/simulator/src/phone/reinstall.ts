import { createPhoneKeys } from '../model/account.js'
import { bareJid } from '../model/jid.js'
import type { AccountState } from '../model/state.js'
import { companionsToTell } from '../model/world.js'
import { unlinkDevice } from '../server/linking/pairing.js'
import type { ServerContext } from '../server/server-context.js'
import { node } from '../wire/node.js'

/**
 * The account on a new phone: another identity key, no sessions. Its companions were certified by the old key, so their
 * links end; everyone it has written with is told that its identity has changed.
 */
export function reinstall(server: ServerContext, account: AccountState): void {
  for (const deviceId of [...account.devices.keys()]) unlinkDevice(server, { account, deviceId })
  const random = server.stream(`phone after ${account.phone.identity.public.toString('hex')}`)
  account.phone = createPhoneKeys(random)
  account.rawId = random.integer(2 ** 32)
  for (const party of companionsToTell(server.world, account)) {
    server.notify(party, 'encrypt', bareJid(account), [node('identity')], { lid: bareJid(account, 'lid') })
  }
  server.changed()
}

import { BareAccounts } from './bare-accounts.js'
import type { Side, SideListener, SideOptions } from './side.js'

/** Baileys alone, as a careful user runs it. */
export function createBareSide(options: SideOptions, listener: SideListener): Side {
  const accounts = new BareAccounts(options, {
    connected: listener.connected,
    disconnected: listener.disconnected,
    received(account, { key, message }) {
      const text = message?.conversation ?? message?.extendedTextMessage?.text
      if (key.remoteJid && text) listener.received({ account, chat: key.remoteJid, text })
    },
  })
  return {
    link: (account, scanQr) => accounts.link(account, scanQr),
    async send(account, to, text) {
      await accounts.send(account, to, { text })
    },
    close: () => accounts.close(),
  }
}

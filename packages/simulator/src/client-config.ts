import { WA_CERT_DETAILS } from '@whiskeysockets/baileys'

export interface SimulatorClientConfig {
  /** For `makeWASocket`. */
  waWebSocketUrl: string
  /** 32 bytes. */
  rootPublicKey: Buffer
  /** Puts WhatsApp's own root back. */
  restore(): void
}

/**
 * What a bare Baileys needs to talk to a simulator. Baileys keeps its certificate root in one mutable object for the
 * whole process, which is set here until `restore()`.
 *
 * ```ts
 * const { waWebSocketUrl, restore } = simulatorClientConfig(sim)
 * const socket = makeWASocket({ waWebSocketUrl, auth })
 * ```
 */
export function simulatorClientConfig(simulator: { url: string; rootPublicKey: Uint8Array }): SimulatorClientConfig {
  const before = WA_CERT_DETAILS.PUBLIC_KEY
  const rootPublicKey = Buffer.from(simulator.rootPublicKey)
  WA_CERT_DETAILS.PUBLIC_KEY = rootPublicKey
  const restore = () => {
    if (WA_CERT_DETAILS.PUBLIC_KEY === rootPublicKey) WA_CERT_DETAILS.PUBLIC_KEY = before
  }
  return { waWebSocketUrl: simulator.url, rootPublicKey, restore }
}

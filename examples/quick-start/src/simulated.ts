import { startSimulator } from '@trunkline/simulator'

/** A WhatsApp on loopback with a phone that scans, and a customer who writes once the account is linked. */
export async function startWhatsapp() {
  const simulator = await startSimulator()
  const phone = await simulator.createPhone({ number: '15550000001', name: 'Ana' })
  const customer = await simulator.createPhone({ number: '15550000002', name: 'Carol' })
  return {
    options: { webSocketUrl: simulator.url, certPublicKey: simulator.rootPublicKey },
    scan: (qr: string) => phone.scanQr(qr),
    async sayHello() {
      await customer.sendText(phone.number, 'Hello')
      const { text } = await customer.waitForMessage(({ fromMe }) => !fromMe)
      console.log(`The customer reads: ${text}`)
    },
    close: () => simulator.close(),
  }
}

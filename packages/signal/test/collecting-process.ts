// A process in which garbage is collected at the very moment at which Node.js exports a key as JWK: it sets these properties one by one.
import { X25519 } from '../src/x25519.js'

for (const name of ['crv', 'x', 'd', 'kty'])
  Object.defineProperty(Object.prototype, name, {
    configurable: true,
    set(value: unknown) {
      globalThis.gc?.()
      Object.defineProperty(this, name, { value, enumerable: true, configurable: true, writable: true })
    },
  })

const curve = new X25519()
const [ours, theirs] = [curve.generateKeyPair(), curve.generateKeyPair()]
const secrets = [curve.agreement(theirs.pubKey, ours.privKey), curve.agreement(ours.pubKey, theirs.privKey)]
console.log(new Set(secrets.map((secret) => Buffer.from(secret).toString('hex'))).size)

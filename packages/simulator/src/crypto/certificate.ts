import { generateKeyPairSync, sign } from 'node:crypto'

/** A key and a certificate for TLS, as PEM. */
export interface TlsIdentity {
  key: string
  certificate: string
}

const OID = {
  ecdsaWithSha256: '2a8648ce3d040302',
  commonName: '550403',
  basicConstraints: '551d13',
  subjectAlternativeName: '551d11',
}
/** Long before and after every clock that a test may show. */
const VALID = { from: '000101000000Z', until: '491231235959Z' }

/** Signed by itself: whoever takes it for an authority trusts it, and nobody else does. */
export function selfSigned({ hosts, addresses }: { hosts: string[]; addresses: string[] }): TlsIdentity {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = sequence(tlv(0x06, hex(OID.ecdsaWithSha256)))
  const name = sequence(
    tlv(0x31, sequence(tlv(0x06, hex(OID.commonName)), tlv(0x0c, Buffer.from('Simulated media host')))),
  )
  const alternatives = sequence(
    ...hosts.map((host) => tlv(0x82, Buffer.from(host))),
    ...addresses.map((address) => tlv(0x87, Buffer.from(address.split('.').map(Number)))),
  )
  const extensions = sequence(
    extension(OID.basicConstraints, sequence(tlv(0x01, Buffer.from([0xff]))), true),
    extension(OID.subjectAlternativeName, alternatives),
  )
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.from([1])),
    algorithm,
    name,
    sequence(tlv(0x17, Buffer.from(VALID.from)), tlv(0x17, Buffer.from(VALID.until))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, extensions),
  )
  const whole = sequence(body, algorithm, bitString(sign('sha256', body, privateKey)))
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), certificate: pem(whole) }
}

function extension(oid: string, value: Buffer, critical = false): Buffer {
  const flag = critical ? [tlv(0x01, Buffer.from([0xff]))] : []
  return sequence(tlv(0x06, hex(oid)), ...flag, tlv(0x04, value))
}

const sequence = (...parts: Buffer[]): Buffer => tlv(0x30, Buffer.concat(parts))

const bitString = (bytes: Buffer): Buffer => tlv(0x03, Buffer.concat([Buffer.from([0]), bytes]))

const hex = (text: string): Buffer => Buffer.from(text, 'hex')

/** One element of DER: tag, length, value. */
function tlv(tag: number, value: Buffer): Buffer {
  const { length } = value
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...head]), value])
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

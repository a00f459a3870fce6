import { Curve, NOISE_WA_HEADER, proto, WA_CERT_DETAILS } from '@whiskeysockets/baileys'
import { makeNoiseHandler } from '@whiskeysockets/baileys/lib/Utils/noise-handler.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generateKeyPair, loadBridge, sign, typedKey, verify } from '../crypto/curve.js'
import { createRandomSource } from '../util/random.js'
import { createAuthorityKeys, issueCertificates } from './certificate-authority.js'
import { node } from './node.js'
import { encodeNode } from './node-encoder.js'
import { NoiseServer } from './noise-server.js'

const silent = () => undefined
const logger = {
  level: 'silent',
  child: () => logger,
  trace: silent,
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
}

describe('NoiseServer', () => {
  const random = createRandomSource('noise').stream('keys')
  const before = { verify: Curve.verify, root: WA_CERT_DETAILS.PUBLIC_KEY }
  let keys: ReturnType<typeof createAuthorityKeys>

  beforeAll(async () => {
    await loadBridge()
    keys = createAuthorityKeys(random)
    Curve.verify = (publicKey, message, signature) => verify(publicKey, message, signature)
    WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(keys.root.public)
  })
  afterAll(() => {
    Curve.verify = before.verify
    WA_CERT_DETAILS.PUBLIC_KEY = before.root
  })

  const newServer = (certificates = issueCertificates(keys, 1_800_000_000)) =>
    new NoiseServer({ staticKey: keys.leaf, ephemeralKey: generateKeyPair(random), certificates })

  /** The handshake of Baileys' own client; resolves with both ends after it. */
  async function shakeHands(server = newServer()) {
    const noiseKey = Curve.generateKeyPair()
    const keyPair = Curve.generateKeyPair()
    const client = makeNoiseHandler({ keyPair, NOISE_HEADER: NOISE_WA_HEADER, logger })
    const hello = proto.HandshakeMessage.encode({ clientHello: { ephemeral: keyPair.public } }).finish()
    const [reply] = server.receive(client.encodeFrame(hello))
    if (reply?.type !== 'reply') throw new Error('no reply')
    const keyEnc = client.processHandshake(proto.HandshakeMessage.decode(reply.bytes.subarray(3)), noiseKey)
    const clientFinish = { static: keyEnc, payload: client.encrypt(Buffer.from('payload')) }
    const finish = client.encodeFrame(proto.HandshakeMessage.encode({ clientFinish }).finish())
    const [established] = server.receive(finish)
    await client.finishInit()
    return { server, client, noiseKey, established }
  }

  it('shakes hands with the client of Baileys and learns who it is', async () => {
    const { server, noiseKey, established } = await shakeHands()
    expect(server.established).toBe(true)
    expect(established).toMatchObject({ type: 'established', payload: Buffer.from('payload') })
    expect(established?.type === 'established' && established.clientStatic).toEqual(Buffer.from(noiseKey.public))
  })

  it('carries frames both ways, several in one message', async () => {
    const { server, client } = await shakeHands()
    const both = Buffer.concat([client.encodeFrame(Buffer.from('one')), client.encodeFrame(Buffer.from('two'))])
    expect(server.receive(both)).toEqual([
      { type: 'frame', plaintext: Buffer.from('one') },
      { type: 'frame', plaintext: Buffer.from('two') },
    ])
    const read: unknown[] = []
    const sealed = ['a', 'b'].map((tag) => server.seal(encodeNode(node(tag))))
    await client.decodeFrame(Buffer.concat(sealed), (each) => read.push(each))
    expect(read).toMatchObject([{ tag: 'a' }, { tag: 'b' }])
  })

  it('refuses a frame that was changed on its way', async () => {
    const { server, client } = await shakeHands()
    const bytes = client.encodeFrame(Buffer.from('one'))
    bytes.writeUInt8(bytes.readUInt8(5) ^ 1, 5)
    expect(() => server.receive(bytes)).toThrow(expect.objectContaining({ stage: 'frame' }))
  })

  it('refuses a handshake that is none, and seals nothing before it', () => {
    const server = newServer()
    expect(() => server.seal(Buffer.alloc(1))).toThrow('handshake is not over')
    const bytes = Buffer.concat([NOISE_WA_HEADER, Buffer.from([0, 0, 3, 1, 2, 3])])
    expect(() => server.receive(bytes)).toThrow(expect.objectContaining({ stage: 'handshake' }))
  })

  it('shows certificates that verify up to the root and name its own key', () => {
    const chain = proto.CertChain.decode(issueCertificates(keys, 1_800_000_000))
    const [intermediate, leaf] = [chain.intermediate, chain.leaf].map((each) => {
      const bytes = each?.details ?? Buffer.alloc(0)
      const { key, serial, issuerSerial } = proto.CertChain.NoiseCertificate.Details.decode(bytes)
      return { bytes, signature: each?.signature ?? Buffer.alloc(0), key: Buffer.from(key ?? []), serial, issuerSerial }
    })
    if (!intermediate || !leaf) throw new Error('no chain')
    expect(verify(keys.root.public, intermediate.bytes, intermediate.signature)).toBe(true)
    expect(verify(intermediate.key, leaf.bytes, leaf.signature)).toBe(true)
    expect(intermediate.issuerSerial).toBe(0)
    expect(leaf.issuerSerial).toBe(intermediate.serial)
    expect(leaf.key).toEqual(keys.leaf.public)
  })

  it('is refused by a client that trusts another root', async () => {
    const foreign = createAuthorityKeys(random)
    const server = newServer(issueCertificates({ ...keys, root: foreign.root }, 1_800_000_000))
    await expect(shakeHands(server)).rejects.toThrow('noise intermediate certificate signature invalid')
  })

  it('signs as libsignal verifies, and verifies nothing else', () => {
    const pair = Curve.generateKeyPair()
    const message = Buffer.from('message')
    const signature = sign(pair.private, message)
    expect(verify(pair.public, message, signature)).toBe(true)
    expect(verify(typedKey(pair.public), message, Curve.sign(pair.private, message))).toBe(true)
    expect(verify(pair.public, Buffer.from('another'), signature)).toBe(false)
    expect(verify(pair.public, message, Buffer.alloc(64, 1))).toBe(false)
    expect(verify(pair.public, message, signature.subarray(1))).toBe(false)
  })
})

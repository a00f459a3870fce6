import type { AuthKey } from '@trunkline/core/store'
import { noise } from '../fixtures.js'

const binary = (length: number, seed: number) => ({
  type: 'Buffer',
  data: Buffer.from(noise(length, seed)).toString('base64'),
})

/**
 * One key of every type that Baileys 7.0.0-rc14 stores, with the value in the shape it has at run time, which is not always
 * the one its types claim: a session is a plain object, a sender key a Buffer with JSON in it, a LID mapping a bare string.
 */
const SHAPES: { type: string; id: string; shape: unknown }[] = [
  { type: 'pre-key', id: '812', shape: { private: binary(32, 1), public: binary(32, 2) } },
  {
    type: 'session',
    id: '200000000000001_1.33',
    shape: {
      version: 'v1',
      _sessions: { 'BQ+/=': { registrationId: 7, chains: { 'BZ/+=': { messageKeys: { 0: 'AA==' } } } } },
    },
  },
  { type: 'identity-key', id: '15550000001.0', shape: binary(33, 3) },
  { type: 'sender-key', id: '120363000000000001@g.us::200000000000001_1::0', shape: binary(607, 4) },
  // Its map keys contain dots, which stores that write values as documents trip over.
  {
    type: 'sender-key-memory',
    id: '120363000000000001@g.us',
    shape: { '15550000001:3@s.whatsapp.net': true, '200000000000001.0@lid': true },
  },
  {
    type: 'app-state-sync-key',
    id: 'AAAAAD/+8A==',
    shape: {
      keyData: binary(32, 5),
      fingerprint: { rawId: 1, currentIndex: 0, deviceIndexes: [0, 1] },
      timestamp: '1767225600',
    },
  },
  {
    type: 'app-state-sync-version',
    id: 'critical_unblock_low',
    shape: { version: 3, hash: binary(128, 6), indexValueMap: { 'a/b+c=': { valueMac: binary(32, 7) } } },
  },
  { type: 'lid-mapping', id: '200000000000001_reverse', shape: '15550000001' },
  { type: 'device-list', id: '15550000001', shape: ['0', '3', '33'] },
  {
    type: 'tctoken',
    id: '15550000001@s.whatsapp.net',
    shape: { token: binary(16, 8), timestamp: '1767225600', senderTimestamp: 1_767_225_600 },
  },
]

/** The same as the auth store gets them: as bytes, a version byte first. */
export const BAILEYS_KEYS: AuthKey[] = SHAPES.map(({ type, id, shape }) => ({
  type,
  id,
  value: Buffer.concat([Buffer.of(1), Buffer.from(JSON.stringify(shape))]),
}))

// 0.5: what a signature costs, which every group message has one of, and whether a forged one is noticed.
import { Curve } from '@whiskeysockets/baileys'
import { installFastCurve } from '../src/index.js'
import { conclude, side } from './evidence.js'

if (side === 'ours') installFastCurve()
const { public: publicKey, private: privateKey } = Curve.generateKeyPair()
const message = Buffer.from('message')
const ROUNDS = 40

const before = process.cpuUsage()
for (let round = 0; round < ROUNDS; round++) Curve.verify(publicKey, message, Curve.sign(privateKey, message))
const { user, system } = process.cpuUsage(before)
const microseconds = Math.round((user + system) / ROUNDS)
const takesForgeries = Curve.verify(publicKey, message, Buffer.alloc(64, 1))
conclude(
  microseconds < 2000 && !takesForgeries,
  `${microseconds} µs to sign and verify, a forged signature is ${takesForgeries ? 'taken' : 'refused'}`,
)

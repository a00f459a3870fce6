import { chatModificationToAppPatch, encodeSyncdPatch, proto, hmacSign } from '@whiskeysockets/baileys'
import { bridge, loadBridge } from './src/crypto/curve.js'
await loadBridge()
const create = chatModificationToAppPatch({ pushNameSetting: 'x' }, '')
const keyId = Buffer.from('000001020304','hex'), keyData = Buffer.alloc(32, 5)
const { patch } = await encodeSyncdPatch(create, keyId.toString('base64'), { hash: Buffer.alloc(128), version: 0, indexValueMap: {} }, async () => ({ keyData }))
const m = patch.mutations![0]!
console.log(create, m.operation)
const blob = Buffer.from(m.record!.value!.blob!), mac = blob.subarray(-32), val = blob.subarray(0,-32)
const keys = bridge().expandAppStateKeys(keyData)
for (const op of [0,1,2]) console.log(op, Buffer.from(bridge().generateContentMac(op, val, keyId, keys.valueMacKey)).equals(mac))
const mm = (op:number, keyId: Buffer) => hmacSign(Buffer.concat([Buffer.from([op]), keyId, val, Buffer.alloc(7), Buffer.from([1+keyId.length])]), Buffer.from(keys.valueMacKey), 'sha512').subarray(0,32)
for (const op of [1,2]) console.log(op, mm(op, keyId).equals(mac))
const p2 = proto.SyncdPatch.fromObject(patch)
console.log(p2.mutations[0]!.operation, p2.mutations[0])

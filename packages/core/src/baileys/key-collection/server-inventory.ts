import type { AuthenticationCreds, BinaryNode } from '@whiskeysockets/baileys'
import { getBinaryNodeChild, getBinaryNodeChildren } from '@whiskeysockets/baileys'

/** What WhatsApp's server knows of an account. `undefined`: it did not say, or not so that it can be relied on. */
export interface ServerInventory {
  /** The ids of all one-time pre-keys that it can still hand out. */
  preKeyIds(): Promise<ReadonlySet<number> | undefined>
  /** The groups that the account is in. */
  groups(): Promise<ReadonlySet<string> | undefined>
}

type Query = (node: BinaryNode) => Promise<unknown>

const TO_SERVER = 's.whatsapp.net'

export function serverInventory(
  query: Query,
  creds: Pick<AuthenticationCreds, 'registrationId' | 'signedIdentityKey'>,
): ServerInventory {
  const ask = async (attrs: Record<string, string>, child: BinaryNode): Promise<BinaryNode | undefined> => {
    // A connection that is gone has nothing to say either.
    const asked = async () => query({ tag: 'iq', attrs: { type: 'get', ...attrs }, content: [child] })
    const answer = await asked().catch(() => undefined)
    const node = answer as BinaryNode | undefined
    return node?.attrs?.type === 'result' ? node : undefined
  }
  return {
    async preKeyIds() {
      const about = { to: TO_SERVER, xmlns: 'encrypt' }
      const digest = await ask(about, { tag: 'digest', attrs: {} })
      const ids = digest && idsOfDigest(getBinaryNodeChild(digest, 'digest'), creds)
      if (!ids) return undefined
      // The list is believed only when the server counts as many: one that is cut short would look like keys handed out.
      const counted = await ask(about, { tag: 'count', attrs: {} })
      const count = counted && getBinaryNodeChild(counted, 'count')?.attrs.value
      return Number(count) === ids.size ? ids : undefined
    },
    async groups() {
      const children = ['participants', 'description'].map((tag) => ({ tag, attrs: {} }))
      const answer = await ask({ to: '@g.us', xmlns: 'w:g2' }, { tag: 'participating', attrs: {}, content: children })
      const groups = answer && getBinaryNodeChild(answer, 'groups')
      if (!groups) return undefined
      const ids = getBinaryNodeChildren(groups, 'group').map(({ attrs }) => attrs.id)
      if (!ids.every((id) => id)) return undefined
      return new Set(ids.map((id) => (id?.includes('@') ? id : `${id}@g.us`)))
    },
  }
}

/** The ids that a digest lists; `undefined` unless it is of these credentials and every id can be read. */
function idsOfDigest(
  digest: BinaryNode | undefined,
  creds: Pick<AuthenticationCreds, 'registrationId' | 'signedIdentityKey'>,
): Set<number> | undefined {
  const list = digest && getBinaryNodeChild(digest, 'list')
  if (!digest || !list) return undefined
  const identity = bytesOf(getBinaryNodeChild(digest, 'identity'))
  const own = Buffer.from(creds.signedIdentityKey.public)
  if (!identity || !own.equals(identity.length === own.length + 1 ? identity.subarray(1) : identity)) return undefined
  if (numberOf(getBinaryNodeChild(digest, 'registration')) !== creds.registrationId) return undefined
  const ids = getBinaryNodeChildren(list, 'id').map(numberOf)
  return ids.every((id) => id !== undefined) ? new Set(ids) : undefined
}

function numberOf(node: BinaryNode | undefined): number | undefined {
  const bytes = bytesOf(node)
  return bytes && bytes.length > 0 && bytes.length <= 4 ? bytes.readUIntBE(0, bytes.length) : undefined
}

function bytesOf(node: BinaryNode | undefined): Buffer | undefined {
  return node?.content instanceof Uint8Array ? Buffer.from(node.content) : undefined
}

import {
  type BinaryNode,
  encodeSyncdPatch,
  getBinaryNodeChild,
  type LTHashState,
  newLTHashState,
  proto,
  type WAPatchName,
  type WASocket,
} from '@whiskeysockets/baileys'
import { TrunklineError } from '../../errors/trunkline-error.js'
import { KeyedMutex } from '../../util/keyed-mutex.js'
import type { AppStatePatch } from '../translate/chat-patches.js'
import { answered } from './answered.js'

/** Others may write at the same time; more often than this in a row something else is wrong. */
const MAX_TRIES = 5

const CONFLICT = '409'

/**
 * Writes to app state, which all devices of the account share. Baileys' own writer takes a conflict for a success, keeps a version
 * that the server does not have, and with it loses every later change of the collection; here the change is made anew on top of
 * what the others have written.
 */
export class AppStateWriter {
  readonly #socket: WASocket
  readonly #order = new KeyedMutex()

  constructor(socket: WASocket) {
    this.#socket = socket
  }

  /**
   * One change after the other; resolves when the server has taken it.
   *
   * @throws CHAT_CHANGE_FAILED · CONNECTION_LOST when the server is silent
   */
  write(patch: AppStatePatch): Promise<void> {
    return this.#order.run('', async () => {
      for (let left = MAX_TRIES; left > 0; left -= 1) {
        const refused = await this.#try(patch).catch(codeOf)
        if (refused === undefined) return
        if (refused !== CONFLICT) throw failed(refused)
        // The second conflict in a row is none that patches cure: what is kept here is not what the server has.
        if (left < MAX_TRIES) await this.#forget(patch.type)
      }
      throw failed(CONFLICT)
    })
  }

  /** Reads a collection from its beginning: whatever is in it is told once more. @throws CONNECTION_LOST */
  readAgain(name: WAPatchName): Promise<void> {
    return this.#order.run('', async () => {
      await this.#forget(name)
      await this.#socket.resyncAppState([name], false)
    })
  }

  /** Answers the code of the refusal, where there is one. */
  async #try(patch: AppStatePatch): Promise<string | undefined> {
    const { creds, keys } = this.#socket.authState
    const { type } = patch
    const keyId = creds.myAppStateKeyId
    // The phone gives the key with the link, or a moment after it.
    if (!keyId) throw failed('no key yet')
    return answered(
      'a change of app state',
      keys.transaction(async () => {
        await this.#socket.resyncAppState([type], false)
        const known = (await keys.get('app-state-sync-version', [type]))[type] ?? newLTHashState()
        const { patch: sealed, state } = await encodeSyncdPatch(patch, keyId, known, async (id) => {
          const found = await keys.get('app-state-sync-key', [id])
          return found[id]
        })
        const refused = refusalIn(await this.#upload(type, known, sealed))
        if (refused === undefined) await keys.set({ 'app-state-sync-version': { [type]: state } })
        return { refused }
      }, creds.me?.id ?? ''),
    ).then(({ refused }) => refused)
  }

  async #upload(name: WAPatchName, { version }: LTHashState, patch: proto.ISyncdPatch): Promise<BinaryNode> {
    const collection = {
      tag: 'collection',
      attrs: { name, version: String(version), return_snapshot: 'false' },
      content: [{ tag: 'patch', attrs: {}, content: proto.SyncdPatch.encode(patch).finish() }],
    }
    const answer: BinaryNode | undefined = await this.#socket.query({
      tag: 'iq',
      attrs: { to: 's.whatsapp.net', type: 'set', xmlns: 'w:sync:app:state' },
      content: [{ tag: 'sync', attrs: {}, content: [collection] }],
    })
    return answered('a change of app state', Promise.resolve(answer))
  }

  /** The next time the collection is fetched from its beginning. */
  async #forget(name: WAPatchName): Promise<void> {
    await this.#socket.authState.keys.set({ 'app-state-sync-version': { [name]: null } })
  }
}

/** The error of a collection is nested in an answer that is none. */
function refusalIn(answer: BinaryNode): string | undefined {
  const collection = getBinaryNodeChild(getBinaryNodeChild(answer, 'sync'), 'collection')
  if (collection?.attrs.type !== 'error') return undefined
  return getBinaryNodeChild(collection, 'error')?.attrs.code ?? 'error'
}

/** A refusal of the whole query is a rejection of Baileys with the number in `data`. */
function codeOf(error: unknown): string {
  const { data } = error instanceof Error && 'data' in error ? error : {}
  if (typeof data !== 'number') throw error
  return String(data)
}

function failed(reason: string): TrunklineError {
  return new TrunklineError('CHAT_CHANGE_FAILED', { details: { reason } })
}

import { TrunklineError } from '@trunkline/core'
import type { Handler, Manager } from '../handler.js'
import type { Upload } from '../upload.js'

type ProfileRoute =
  | 'getProfile'
  | 'updateProfile'
  | 'setProfilePicture'
  | 'removeProfilePicture'
  | 'getProfilePrivacy'
  | 'updateProfilePrivacy'

export function profileHandlers(manager: Manager): { [Name in ProfileRoute]: Handler<Name> } {
  const profileOf = (sessionId: string) => manager.session(sessionId).profile
  return {
    async getProfile({ params }) {
      return { status: 200, body: await profileOf(params.sessionId).get() }
    },
    async updateProfile({ params, body }) {
      return { status: 200, body: await profileOf(params.sessionId).update(body) }
    },
    async setProfilePicture({ params, body, upload }) {
      await profileOf(params.sessionId).setPicture(await pictureOf(body, upload))
      return { status: 204, body: undefined }
    },
    async removeProfilePicture({ params }) {
      await profileOf(params.sessionId).removePicture()
      return { status: 204, body: undefined }
    },
    async getProfilePrivacy({ params }) {
      return { status: 200, body: await profileOf(params.sessionId).privacy() }
    },
    async updateProfilePrivacy({ params, body }) {
      return { status: 200, body: await profileOf(params.sessionId).updatePrivacy(body) }
    },
  }
}

/** The bytes of a picture, in whichever form they came; the route bounds how many there may be. */
export async function pictureOf(body: { data?: string }, upload: Upload | undefined): Promise<Uint8Array> {
  if (!upload) return Buffer.from(body.data ?? '', 'base64')
  const chunks: Uint8Array[] = []
  for await (const chunk of upload.bytes) chunks.push(chunk)
  if (chunks.length === 0) throw new TrunklineError('PICTURE_INVALID', { message: 'The picture is empty' })
  return Buffer.concat(chunks)
}

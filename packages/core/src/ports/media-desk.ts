import type { MediaInput } from '../types/content.js'
import type { OutboundFile } from './connector.js'

/** What a file is sent as. */
export const MEDIA_TYPES = ['image', 'video', 'document', 'sticker', 'audio', 'voice'] as const
/** One of `MEDIA_TYPES`. */
export type MediaType = (typeof MEDIA_TYPES)[number]

/** Makes files that can be sent of what callers give. */
export interface MediaDesk {
  /**
   * Takes all of the input in, no more of it in memory than its share for small files, and looks at it. What it takes up is free again after
   * `release`, and at once when it rejects.
   *
   * @throws PAYLOAD_TOO_LARGE · UNSUPPORTED_MEDIA_TYPE · URL_REFUSED · URL_FAILED · OPERATION_ABORTED
   */
  stage(input: MediaInput, options: { type: MediaType; signal?: AbortSignal }): Promise<StagedFile>
}

/** A file that is ready to be uploaded. */
export interface StagedFile {
  file: OutboundFile
  about: FileFacts
  /** Of what was given, in hex: a repeat of the request is known by it. */
  givenSha256: string
  /** Safe to call twice. */
  release(): Promise<void>
}

/** What is told of a file beside its bytes. */
export interface FileFacts {
  mimetype: string
  fileName?: string
  width?: number
  height?: number
  seconds?: number
  /** A small JPEG, or a PNG of a sticker. */
  thumbnail?: Uint8Array
  /** 64 values from 0 to 100. */
  waveform?: Uint8Array
  animated?: boolean
}

import type { MediaRef, StoredMedia } from '@trunkline/core/store'
import { TrunklineError } from '@trunkline/core/store'
import { type BrokenStore, media, onceReopened } from './broken-store.js'

async function* chunksOf(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}

const shortened = ({ sessionId, mediaId }: MediaRef): MediaRef => ({ sessionId, mediaId: mediaId.trim().toLowerCase() })

export const BROKEN_MEDIA: BrokenStore[] = [
  {
    name: 'makes a hash of something else',
    caughtBy: 'gives back the bytes, their number and hash, and what was said about them',
    wrap: media(({ put }) => ({
      put: async (...parameters) => ({ ...(await put(...parameters)), sha256: '0'.repeat(64) }),
    })),
  },
  {
    name: 'takes a file of no bytes for none',
    caughtBy: 'stores nothing as something: a file of no bytes is there',
    wrap: media(({ stat }) => ({
      async stat(ref) {
        const found = await stat(ref)
        return found?.bytes ? found : undefined
      },
    })),
  },
  {
    name: 'makes names of files from ids',
    caughtBy: 'keeps files of any ids apart',
    wrap: media(({ put, read }) => ({
      put: (ref, ...rest) => put(shortened(ref), ...rest),
      read: (ref, ...rest) => read(shortened(ref), ...rest),
    })),
  },
  {
    name: 'keeps what was said about the former file',
    caughtBy: 'replaces what was stored under the id, all of it',
    wrap: media(({ put, stat }) => {
      const first = new Map<string, StoredMedia>()
      return {
        async put(ref, ...rest) {
          const stored = await put(ref, ...rest)
          if (!first.has(ref.mediaId)) first.set(ref.mediaId, stored)
          return stored
        },
        async stat(ref) {
          const found = await stat(ref)
          return found && { ...first.get(ref.mediaId), ...found }
        },
      }
    }),
  },
  {
    name: 'loses its files when it is closed',
    caughtBy: 'keeps files through close and open',
    wrap: onceReopened(media(() => ({ stat: async () => undefined }))),
  },
  {
    name: 'shows a file before it is whole',
    caughtBy: 'shows nothing of a file before it is whole',
    wrap: media(({ put }) => ({
      async put(ref, source, options) {
        await put(ref, chunksOf(), options)
        return put(ref, source, options)
      },
    })),
  },
  {
    name: 'cuts off what is too large',
    caughtBy: 'refuses what is too large as soon as it is, tells the source, and leaves nothing',
    wrap: media(({ put }) => ({
      put(ref, source, options) {
        async function* cut() {
          let bytes = 0
          for await (const chunk of source) {
            bytes += chunk.length
            if (bytes > options.maxBytes) return
            yield chunk
          }
        }
        return put(ref, cut(), options)
      },
    })),
  },
  {
    name: 'makes room for the new file before it has it',
    caughtBy: 'keeps what was there when the source of its successor fails, and gives the reason',
    wrap: media(({ put, remove }) => ({
      async put(ref, source, options) {
        await remove(ref)
        return put(ref, source, options)
      },
    })),
  },
  {
    name: 'blames its engine when it is aborted',
    caughtBy: 'ends when it is aborted, before and while it waits for its source',
    wrap: media(({ put }) => ({
      put: (...parameters) =>
        put(...parameters).catch((cause: unknown) => {
          throw new TrunklineError('STORE_UNAVAILABLE', { cause })
        }),
    })),
  },
  {
    name: 'keeps the bytes of one and the hash of another',
    caughtBy: 'leaves one whole file of two that are put under one id at once',
    wrap: media(({ put, stat }) => {
      let first: StoredMedia | undefined
      return {
        async put(...parameters) {
          const stored = await put(...parameters)
          first ??= stored
          return stored
        },
        stat: async (ref) => first ?? stat(ref),
      }
    }),
  },
  {
    name: 'keeps the memory of its caller',
    caughtBy: 'does not change with the memory of the caller',
    wrap: media(({ put }) => ({
      async put(ref, source, options) {
        const chunks = []
        for await (const chunk of source) chunks.push(chunk)
        return put(ref, chunksOf(...chunks), options)
      },
    })),
  },
  {
    name: 'takes the length of a range for one more',
    caughtBy: 'gives any range of the bytes, what lies beyond the end left out',
    wrap: media(({ read }) => ({
      read: (ref, range) => read(ref, range?.length === undefined ? range : { ...range, length: range.length + 1 }),
    })),
  },
  {
    name: 'begins with a chunk of nothing',
    caughtBy: 'may stop anywhere, and may never begin',
    wrap: media(({ read }) => ({
      async read(...parameters) {
        const found = await read(...parameters)
        async function* chunks() {
          yield new Uint8Array()
          if (found) yield* found.chunks
        }
        return found && { ...found, chunks: chunks() }
      },
    })),
  },
  {
    name: 'ends early and says nothing',
    caughtBy: 'gives all of a file that is removed meanwhile, or says that it was aborted',
    wrap: media(({ read, stat }) => ({
      async read(ref, range) {
        const found = await read(ref, range)
        async function* chunks() {
          for await (const chunk of found?.chunks ?? []) if (await stat(ref)) yield chunk
        }
        return found && { ...found, chunks: chunks() }
      },
    })),
  },
  {
    name: 'leaves the files of a session that is gone',
    caughtBy: 'removes one file, and all of a session',
    wrap: media(() => ({ removeAll: async () => {} })),
  },
  {
    name: 'removes by age alone',
    caughtBy: 'prunes by age, then the oldest until the rest has room, no more than asked for',
    wrap: media(({ prune }) => ({ prune: ({ maxBytes: _, ...rest }) => prune(rest) })),
  },
]

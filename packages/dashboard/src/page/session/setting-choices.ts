import type { Session } from '../../react/types.js'

type Settings = Session['settings']
type AutoDownload = NonNullable<Settings['autoDownload']>

/** Which files are fetched as they come in, as people choose it. */
export const DOWNLOADS = ['none', 'small', 'all'] as const
export type Download = (typeof DOWNLOADS)[number]

const SIZES: Readonly<Record<Download, AutoDownload>> = {
  none: {},
  small: { image: 5_000_000, voice: 5_000_000, sticker: 1_000_000 },
  all: {
    image: 16_000_000,
    video: 16_000_000,
    document: 16_000_000,
    sticker: 1_000_000,
    audio: 16_000_000,
    voice: 16_000_000,
  },
}

/** `undefined`: it was set by somebody to something else, which stays until another one is chosen. Pure. */
export function downloadOf({ autoDownload = {} }: Settings): Download | undefined {
  return DOWNLOADS.find((choice) => {
    const kinds = new Set([...Object.keys(SIZES[choice]), ...Object.keys(autoDownload)]) as Set<keyof AutoDownload>
    return [...kinds].every((kind) => SIZES[choice][kind] === autoDownload[kind])
  })
}

/** What is sent for a choice; `null` clears. */
export function sizesOf(choice: Download): AutoDownload | null {
  return choice === 'none' ? null : SIZES[choice]
}

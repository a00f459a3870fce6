/** A quick typist needs about so long for a character. */
const MS_A_CHARACTER = 60
const LEAST_MS = 800
/** Nobody watches for longer, and WhatsApp takes typing for over after a while. */
const MOST_MS = 12_000

/** How long typing is shown before a text of so many characters, a fifth more or less by chance (`jitter`: 0 to 1). */
export function typingTime(characters: number, jitter: number): number {
  const ms = characters * MS_A_CHARACTER * (0.8 + 0.4 * jitter)
  return Math.round(Math.min(MOST_MS, Math.max(LEAST_MS, ms)))
}

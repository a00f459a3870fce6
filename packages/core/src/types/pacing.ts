/** Every preset of pacing. */
export const PACING_PRESETS = ['off', 'careful', 'warm_up'] as const
/** One of `PACING_PRESETS`. `warm_up` grows from little to `careful` in the two weeks after an account was linked. */
export type PacingPreset = (typeof PACING_PRESETS)[number]

/** How fast a session sends what is queued. What is given takes the place of what the preset says. */
export interface PacingSettings {
  preset: PacingPreset
  /** At most so many messages in any 60 seconds. */
  perMinute?: number
  /** At most so many messages in any 60 minutes. */
  perHour?: number
  /** At most so many messages in any 24 hours. */
  perDay?: number
  /** At most so many first messages in any 24 hours to people who have not written within a day and were never written to. */
  newChatsPerDay?: number
  /** The least and the most time between two messages to one chat, in milliseconds. */
  chatGapMs?: [number, number]
  /** Whether typing is shown before a message, for as long as somebody would need for the text. */
  typing?: boolean
  /** When nothing is sent. */
  quietHours?: QuietHours
}

/** Every day from one time to another one, `from` included; over midnight where `to` is earlier. */
export interface QuietHours {
  /** `HH:MM`, by the clock on the wall of the time zone. */
  from: string
  to: string
  /** A name of the IANA database, such as `Europe/Berlin`. */
  timeZone: string
}

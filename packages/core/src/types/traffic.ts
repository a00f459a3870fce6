/** Messages of one hour, of one session or of many together. */
export interface TrafficHour {
  /** When the hour began (ISO 8601). */
  at: string
  sent: number
  received: number
  failed: number
}

/** Which hours, and of which sessions. */
export interface TrafficOptions {
  /** How many, the current one is the last; 24 unless given. */
  hours?: number
  /** Of these sessions only; of all that there are unless given. */
  ids?: readonly string[]
}

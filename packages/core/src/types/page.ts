/** A page of a list. `cursor` values are opaque: hand `nextCursor` back to get the next page; left out on the last one. */
export interface Page<Item> {
  items: Item[]
  nextCursor?: string
}

/** Which page of a list. */
export interface PageOptions {
  /** How many items at most, 1 to 200; 50 unless given. */
  limit?: number
  cursor?: string
}

/** A WhatsApp Web version, such as `[2, 3000, 1035194821]`. */
export type WebVersion = readonly [number, number, number]

/** Builds the page unless what is there is newer than all that it is made of; resolves with whether there is one. */
export function ensurePage(): Promise<boolean>

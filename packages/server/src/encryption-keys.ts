import { type SealingKey, sealingKeyFrom, TrunklineError } from '@trunkline/core'
import type { z } from 'zod'

/** One key, or several with commas in between: the first seals, the others only open. */
export function parseEncryptionKeys(text: string, context: z.RefinementCtx): SealingKey[] {
  const keys: SealingKey[] = []
  for (const part of text.split(',')) {
    try {
      keys.push(sealingKeyFrom(part))
    } catch (error) {
      if (!TrunklineError.is(error, 'CONFIG_INVALID')) throw error
      context.addIssue(`${error.details.errors[0]?.message}: make one with \`openssl rand -hex 32\``)
    }
  }
  if (new Set(keys.map(({ id }) => id)).size < keys.length) context.addIssue('has one key twice')
  return keys
}

import { baileysParty, ourParty } from '../test/parties.js'

/**
 * Each script of this folder shows one defect of stock Baileys: run with `stock` it fails (exit 1), with `ours` it passes.
 *
 *     node --conditions=dev-source --import tsx evidence/reused-keys.ts stock
 */
export const side = process.argv[2] === 'stock' ? 'stock' : 'ours'
export const makeParty = side === 'stock' ? baileysParty : ourParty

/** Prints what was found and ends with it. */
export function conclude(isGood: boolean, finding: string): never {
  process.stdout.write(`${side}: ${finding}\n`)
  process.exit(isGood ? 0 : 1)
}

/** libsignal-node prints its sessions; printed-keys.ts looks at that, the others need not show it. */
export function silenceConsole(): void {
  for (const method of ['info', 'warn', 'error'] as const) console[method] = () => {}
}

import { it } from 'vitest'

/** Says aloud why the tests of a file do not run; fails where they must. */
export function sayWhatIsMissing(lacks: string | undefined, isRequired: boolean): void {
  if (!lacks) return
  const missing = () => {
    throw new Error(lacks)
  }
  if (isRequired) it('there is what several nodes need', missing)
  else it.skip(`(skipped: ${lacks})`, missing)
}

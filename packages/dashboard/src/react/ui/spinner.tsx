/** Turns while something is awaited. The words for it stand beside. */
export function Spinner({ large = false }: { large?: boolean }) {
  return <span className={large ? 'tl-spinner tl-spinner-large' : 'tl-spinner'} aria-hidden />
}

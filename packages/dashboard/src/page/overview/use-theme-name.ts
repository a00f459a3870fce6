import { useSyncExternalStore } from 'react'

const dark = () => matchMedia('(prefers-color-scheme: dark)')

/** Changes whenever colours do: with the page's own choice, and with the system's. */
export function useThemeName(): string {
  return useSyncExternalStore(subscribe, () => `${document.documentElement.dataset.theme ?? ''} ${dark().matches}`)
}

function subscribe(onChange: () => void): () => void {
  const media = dark()
  const observer = new MutationObserver(onChange)
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
  media.addEventListener('change', onChange)
  return () => {
    observer.disconnect()
    media.removeEventListener('change', onChange)
  }
}

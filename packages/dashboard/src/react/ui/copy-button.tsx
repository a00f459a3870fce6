import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTrunkline } from '../provider.js'
import { Button } from './button.js'

const SAID_MS = 2_000

export function CopyButton({ text, look = 'plain' }: { text: string; look?: 'plain' | 'primary' }) {
  const { t } = useTrunkline()
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return undefined
    const timer = setTimeout(() => setCopied(false), SAID_MS)
    return () => clearTimeout(timer)
  }, [copied])
  return (
    <Button
      look={look}
      icon={copied ? Check : Copy}
      onClick={() => {
        void copy(text).then(setCopied)
      }}
    >
      <span aria-live="polite">{copied ? t('do.copied') : t('do.copy')}</span>
    </Button>
  )
}

/** Pages that came by plain http have no clipboard of the browser: there the selection is copied, as of old. */
async function copy(text: string): Promise<boolean> {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text)
      return true
    } catch {
      // Refused: the other way may still be allowed.
    }
  }
  const area = document.createElement('textarea')
  area.value = text
  document.body.append(area)
  area.select()
  const done = document.execCommand('copy')
  area.remove()
  return done
}

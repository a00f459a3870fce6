import { AlertTriangle, CircleCheck, X } from 'lucide-react'
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react'
import { useTrunkline } from '../../react/provider.js'
import { IconButton } from '../../react/ui/button.js'

interface Toast {
  id: number
  tone: 'good' | 'bad'
  text: string
}

interface Toasts {
  /** Says what was done, for a moment. */
  done(text: string): void
  /** Says what was not, until it is taken away. */
  failed(text: string): void
}

const GOOD_MS = 4_000
const MOST = 4

const Context = createContext<Toasts | undefined>(undefined)

let lastId = 0

export function ToastsProvider({ children }: { children: ReactNode }) {
  const { t } = useTrunkline()
  const [toasts, setToasts] = useState<readonly Toast[]>([])
  const drop = useCallback((id: number) => setToasts((now) => now.filter((toast) => toast.id !== id)), [])
  const value = useMemo(() => {
    const show = (tone: Toast['tone'], text: string) => {
      lastId += 1
      const id = lastId
      setToasts((now) => [...now, { id, tone, text }].slice(-MOST))
      if (tone === 'good') setTimeout(() => drop(id), GOOD_MS)
    }
    return { done: (text: string) => show('good', text), failed: (text: string) => show('bad', text) }
  }, [drop])
  return (
    <Context value={value}>
      {children}
      <div className="toasts" role="status" aria-live="polite">
        {toasts.map(({ id, tone, text }) => (
          <div key={id} className={`toast tl-tone-${tone}`}>
            {tone === 'good' ? <CircleCheck size={18} aria-hidden /> : <AlertTriangle size={18} aria-hidden />}
            <p>{text}</p>
            <IconButton icon={X} label={t('do.close')} onClick={() => drop(id)} />
          </div>
        ))}
      </div>
    </Context>
  )
}

export function useToasts(): Toasts {
  const value = useContext(Context)
  if (!value) throw new Error('There is no place for toasts around this')
  return value
}

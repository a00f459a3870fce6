import { SendHorizontal } from 'lucide-react'
import { type FormEvent, type KeyboardEvent, useRef, useState } from 'react'
import { useProblemText, useTrunkline } from '../provider.js'
import type { Message } from '../types.js'
import { Spinner } from '../ui/spinner.js'

export interface SendBoxProps {
  sessionId: string
  chatId: string
  /** Why nothing can be sent now. */
  why: string | undefined
  onSent(message: Message): void
}

/** A text to send. It is sent once, however often its sending is tried: what failed keeps its key. */
export function SendBox({ sessionId, chatId, why, onSent }: SendBoxProps) {
  const { client, t } = useTrunkline()
  const textOf = useProblemText()
  const [text, setText] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const attempt = useRef<{ text: string; key: string }>(undefined)
  const input = useRef<HTMLTextAreaElement>(null)

  const send = async () => {
    const words = text.trim()
    if (words === '' || busy || why !== undefined) return
    if (attempt.current?.text !== words)
      attempt.current = { text: words, key: crypto.getRandomValues(new Uint32Array(4)).join('-') }
    setBusy(true)
    setError(undefined)
    try {
      onSent(
        await client.messages.send(sessionId, { to: chatId, text: words }, { idempotencyKey: attempt.current.key }),
      )
      attempt.current = undefined
      setText('')
    } catch (problem) {
      setError(problem)
    } finally {
      setBusy(false)
      input.current?.focus()
    }
  }

  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    void send()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    void send()
  }

  return (
    <form className="tl-send" onSubmit={onSubmit}>
      {error === undefined ? null : (
        <p className="tl-note tl-tone-bad" role="alert">
          {t('message.sendFailed', { problem: textOf(error) })}
        </p>
      )}
      {why === undefined ? (
        <div className="tl-send-row">
          <textarea
            ref={input}
            className="tl-input"
            rows={Math.min(6, text.split('\n').length)}
            aria-label={t('message.write')}
            placeholder={t('message.write')}
            value={text}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={onKeyDown}
          />
          <button
            type="submit"
            className="tl-send-button"
            aria-label={t('message.send')}
            disabled={busy || text.trim() === ''}
          >
            {busy ? <Spinner /> : <SendHorizontal size={18} aria-hidden />}
          </button>
        </div>
      ) : (
        <p className="tl-hint tl-center">{why}</p>
      )}
    </form>
  )
}

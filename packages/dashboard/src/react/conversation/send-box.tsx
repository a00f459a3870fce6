import { SendHorizontal } from 'lucide-react'
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { useProblemText, useTrunkline } from '../provider.js'
import type { Message } from '../types.js'
import { Spinner } from '../ui/spinner.js'
import { QuoteBar } from './quote-bar.js'
import { useTellTyping } from './use-typing.js'

export interface SendBoxProps {
  sessionId: string
  chatId: string
  /** Why nothing can be sent now. */
  why: string | undefined
  /** What is answered, or edited. */
  draft: Draft | undefined
  onDraftDone(): void
  onSent(message: Message): void
}

export interface Draft {
  kind: 'reply' | 'edit'
  message: Message
}

/** A text to send. It is sent once, however often its sending is tried: what failed keeps its key. */
export function SendBox({ sessionId, chatId, why, draft, onDraftDone, onSent }: SendBoxProps) {
  const { client, t } = useTrunkline()
  const textOf = useProblemText()
  const [text, setText] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const attempt = useRef<{ what: string; key: string }>(undefined)
  const input = useRef<HTMLTextAreaElement>(null)
  const { typed, stopped } = useTellTyping(sessionId, chatId)
  const edited = draft?.kind === 'edit' ? draft.message : undefined
  useEffect(() => {
    if (edited) setText(edited.text ?? edited.media?.caption ?? '')
  }, [edited])
  useEffect(() => {
    if (draft) input.current?.focus()
  }, [draft])
  const drop = () => {
    if (edited) setText('')
    onDraftDone()
  }

  const send = async () => {
    const words = text.trim()
    if (words === '' || busy || why !== undefined) return
    setBusy(true)
    setError(undefined)
    stopped()
    try {
      onSent(edited ? await edit(edited, words) : await sendOnce(words))
      attempt.current = undefined
      setText('')
      onDraftDone()
    } catch (problem) {
      setError(problem)
    } finally {
      setBusy(false)
      input.current?.focus()
    }
  }

  const sendOnce = (words: string) => {
    const quotedMessageId = draft?.message.id
    const what = `${quotedMessageId ?? ''} ${words}`
    if (attempt.current?.what !== what)
      attempt.current = { what, key: crypto.getRandomValues(new Uint32Array(4)).join('-') }
    return client.messages.send(
      sessionId,
      { to: chatId, text: words, ...(quotedMessageId === undefined ? {} : { quotedMessageId }) },
      { idempotencyKey: attempt.current.key },
    )
  }
  const edit = (message: Message, words: string) =>
    client.messages.edit(sessionId, message.id, { text: words }, { chatId: message.chatId })

  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    void send()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && draft) drop()
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
      {draft ? <QuoteBar message={draft.message} kind={draft.kind} onDrop={drop} /> : null}
      {why === undefined ? (
        <div className="tl-send-row">
          <textarea
            ref={input}
            className="tl-input"
            rows={Math.min(6, text.split('\n').length)}
            aria-label={t('message.write')}
            placeholder={t('message.write')}
            value={text}
            onChange={(event) => {
              setText(event.target.value)
              if (!edited) typed()
            }}
            onBlur={stopped}
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

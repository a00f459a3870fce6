import { Paperclip, SendHorizontal } from 'lucide-react'
import { type ClipboardEvent, type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { useProblemText, useTrunkline } from '../provider.js'
import type { Message } from '../types.js'
import { IconButton } from '../ui/button.js'
import { Spinner } from '../ui/spinner.js'
import { FileBar } from './file-bar.js'
import { kindOf } from './file-to-send.js'
import { QuoteBar } from './quote-bar.js'
import { canRecord, useRecorder } from './use-recorder.js'
import { useSendFile } from './use-send-file.js'
import { useTellTyping } from './use-typing.js'
import { VoiceRow, VoiceStart } from './voice-row.js'

export interface SendBoxProps {
  sessionId: string
  chatId: string
  /** Why nothing can be sent now. */
  why: string | undefined
  /** What is answered, or edited. */
  draft: Draft | undefined
  /** What is about to be sent. */
  file: File | undefined
  onFile(file: File | undefined): void
  onDraftDone(): void
  onSent(message: Message): void
}

export interface Draft {
  kind: 'reply' | 'edit'
  message: Message
}

/** A text, a file or a voice to send. Each is sent once, however often its sending is tried: what failed keeps its key. */
export function SendBox({ sessionId, chatId, why, draft, file, onFile, onDraftDone, onSent }: SendBoxProps) {
  const { client, t } = useTrunkline()
  const textOf = useProblemText()
  const [text, setText] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const keyFor = useKeys()
  const input = useRef<HTMLTextAreaElement>(null)
  const picker = useRef<HTMLInputElement>(null)
  const shown = useRef({ file, draft })
  useEffect(() => {
    shown.current = { file, draft }
  })
  const { typed, stopped } = useTellTyping(sessionId, chatId)
  const uploads = useSendFile(sessionId)
  const recorder = useRecorder((voice) => void send(() => sendVoice(voice)))
  const edited = draft?.kind === 'edit' ? draft.message : undefined
  const quotedMessageId = edited ? undefined : draft?.message.id
  const quoted = quotedMessageId === undefined ? {} : { quotedMessageId }
  const words = text.trim()
  useEffect(() => {
    if (edited) setText(edited.text ?? edited.media?.caption ?? '')
  }, [edited])
  useEffect(() => {
    if (draft || file) input.current?.focus()
  }, [draft, file])
  const drop = () => {
    if (edited) setText('')
    onDraftDone()
  }

  const send = async (call: () => Promise<Message>) => {
    if (busy || why !== undefined) return
    setBusy(true)
    setError(undefined)
    stopped()
    try {
      onSent(await call())
      // What was typed, picked or chosen meanwhile is the next message.
      setText((now) => (now.trim() === words ? '' : now))
      if (shown.current.file === file) onFile(undefined)
      if (shown.current.draft === draft) onDraftDone()
    } catch (problem) {
      if (!isAbort(problem)) setError(problem)
    } finally {
      setBusy(false)
      input.current?.focus()
    }
  }
  const sendWhatIsThere = () => {
    if (edited) {
      if (words !== '')
        void send(() => client.messages.edit(sessionId, edited.id, { text: words }, { chatId: edited.chatId }))
    } else if (file) void send(() => sendFile(file))
    else if (words !== '') void send(sendText)
  }
  const sendText = () =>
    client.messages.send(
      sessionId,
      { to: chatId, text: words, ...quoted },
      { idempotencyKey: keyFor(words, quotedMessageId) },
    )
  const sendFile = (given: File) => {
    const content = { to: chatId, file: given, fileName: given.name, kind: kindOf(given), ...quoted }
    return uploads.send({ ...content, caption: words }, keyFor(given, words, quotedMessageId))
  }
  const sendVoice = (voice: Blob) =>
    uploads.send({ to: chatId, file: voice, kind: 'voice', ...quoted }, keyFor(voice, quotedMessageId))

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && draft) drop()
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    sendWhatIsThere()
  }
  const onPaste = (event: ClipboardEvent) => {
    const [pasted] = event.clipboardData.files
    if (!pasted || edited) return
    event.preventDefault()
    onFile(pasted)
  }
  const isRefused = recorder.state === 'idle' && recorder.error !== undefined
  const failure =
    error !== undefined
      ? t('message.sendFailed', { problem: textOf(error) })
      : isRefused
        ? t('message.voice.refused')
        : undefined

  return (
    <form
      className="tl-send"
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        sendWhatIsThere()
      }}
    >
      {failure === undefined ? null : (
        <p className="tl-note tl-tone-bad" role="alert">
          {failure}
        </p>
      )}
      {draft ? <QuoteBar message={draft.message} kind={draft.kind} onDrop={drop} /> : null}
      {file && !edited ? (
        <FileBar
          file={file}
          kind={kindOf(file)}
          sent={uploads.sent}
          onDrop={uploads.sent === undefined ? () => onFile(undefined) : uploads.cancel}
        />
      ) : null}
      {why !== undefined ? (
        <p className="tl-hint tl-center">{why}</p>
      ) : recorder.state === 'recording' ? (
        <VoiceRow recorder={recorder} />
      ) : (
        <div className="tl-send-row">
          <IconButton
            icon={Paperclip}
            label={t('message.file')}
            disabled={busy || edited !== undefined}
            onClick={() => picker.current?.click()}
          />
          <input
            ref={picker}
            type="file"
            hidden
            aria-label={t('message.file')}
            onChange={({ target }) => {
              onFile(target.files?.[0])
              target.value = ''
            }}
          />
          <textarea
            ref={input}
            className="tl-input"
            rows={Math.min(6, text.split('\n').length)}
            aria-label={t('message.write')}
            placeholder={t(file ? 'message.file.caption' : 'message.write')}
            value={text}
            onChange={(event) => {
              setText(event.target.value)
              if (!edited) typed()
            }}
            onBlur={stopped}
            onKeyDown={onKeyDown}
            onPaste={onPaste}
          />
          {words === '' && !file && !edited && !busy && canRecord() ? (
            <VoiceStart onStart={recorder.start} />
          ) : (
            <button
              type="submit"
              className="tl-send-button"
              aria-label={t('message.send')}
              disabled={busy || (words === '' && !file)}
            >
              {busy ? <Spinner /> : <SendHorizontal size={18} aria-hidden />}
            </button>
          )}
        </div>
      )}
    </form>
  )
}

/** The same key for the same thing, until something else is sent. */
function useKeys(): (...what: readonly unknown[]) => string {
  const last = useRef<{ what: readonly unknown[]; key: string }>(undefined)
  return (...what) => {
    const isSame =
      last.current?.what.length === what.length && what.every((part, at) => part === last.current?.what[at])
    if (!isSame) last.current = { what, key: crypto.getRandomValues(new Uint32Array(4)).join('-') }
    return last.current?.key ?? ''
  }
}

function isAbort(problem: unknown): boolean {
  return problem instanceof DOMException && problem.name === 'AbortError'
}

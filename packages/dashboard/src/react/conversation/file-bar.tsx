import { FileText, Music, X } from 'lucide-react'
import { useEffect, useMemo } from 'react'
import { useTrunkline } from '../provider.js'
import { IconButton } from '../ui/button.js'
import { Attachment } from './attachment.js'
import type { FileKind } from './file-to-send.js'

export interface FileBarProps {
  file: File
  kind: FileKind
  /** How much of it has left, from 0 to 1; left out before it is sent. */
  sent: number | undefined
  /** Takes the file away, or ends its sending. */
  onDrop(): void
}

/** The file that is about to be sent. */
export function FileBar({ file, kind, sent, onDrop }: FileBarProps) {
  const { t, format } = useTrunkline()
  const url = useMemo(() => (kind === 'document' ? undefined : URL.createObjectURL(file)), [file, kind])
  useEffect(() => () => (url === undefined ? undefined : URL.revokeObjectURL(url)), [url])
  return (
    <div className="tl-file-bar">
      {kind === 'image' ? <img src={url} alt={file.name} /> : null}
      {kind === 'video' ? (
        // biome-ignore lint/a11y/useMediaCaption: people's videos have none.
        <video src={url} controls aria-label={file.name} />
      ) : null}
      {/* biome-ignore lint/a11y/useMediaCaption: people's voices have none. */}
      {kind === 'audio' ? <audio src={url} controls aria-label={file.name} /> : null}
      <div className="tl-file-bar-text">
        <Attachment
          icon={kind === 'audio' ? Music : FileText}
          title={file.name}
          detail={`${t(`kind.${kind}`)} · ${format.bytes(file.size)}`}
        />
        {sent === undefined ? null : (
          <progress max={1} value={sent} aria-label={t('message.file.sending', { name: file.name })} />
        )}
      </div>
      <IconButton icon={X} label={t(sent === undefined ? 'message.file.drop' : 'do.cancel')} onClick={onDrop} />
    </div>
  )
}

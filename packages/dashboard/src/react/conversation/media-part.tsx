import { Download, FileText, Image, Mic, Music, Sticker, Video } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { problemText, useTrunkline } from '../provider.js'
import type { Message } from '../types.js'
import { Spinner } from '../ui/spinner.js'
import { Attachment } from './attachment.js'
import { durationText } from './message-text.js'

const ICONS = { image: Image, video: Video, voice: Mic, audio: Music, document: FileText, sticker: Sticker } as const

type File = NonNullable<Message['media']>
type Fetched =
  | { state: 'waiting' }
  | { state: 'fetching' }
  | { state: 'here'; url: string }
  | { state: 'failed'; why: string }

/** The file of a message: what is known of it, and itself once somebody asks for it. */
export function MediaPart({ message, file }: { message: Message; file: File }) {
  const { t, format } = useTrunkline()
  const { fetched, fetch } = useFile(message)
  const kind = t(`kind.${message.type}`)
  const title = file.fileName ?? kind
  if (fetched.state === 'here') return <Shown message={message} url={fetched.url} title={title} />
  const icon = message.type in ICONS ? ICONS[message.type as keyof typeof ICONS] : Download
  const details = [
    file.seconds === undefined ? undefined : durationText(file.seconds),
    format.bytes(file.bytes),
    file.mimetype,
  ]
  const detail = fetched.state === 'failed' ? fetched.why : details.filter((part) => part !== undefined).join(' · ')
  return (
    <button
      type="button"
      className="tl-media"
      disabled={fetched.state === 'fetching'}
      aria-label={t('message.openFile', { name: title })}
      onClick={fetch}
    >
      {file.thumbnail ? <img className="tl-media-preview" src={file.thumbnail} alt="" /> : null}
      <Attachment icon={icon} title={title} detail={detail} />
      {fetched.state === 'fetching' ? <Spinner /> : <Download size={16} aria-hidden />}
    </button>
  )
}

function Shown({ message: { type, media }, url, title }: { message: Message; url: string; title: string }) {
  const { t, format } = useTrunkline()
  switch (type) {
    case 'image':
    case 'sticker':
      return (
        <a href={url} download={title} className="tl-media-shown">
          <img src={url} alt={media?.caption ?? title} />
        </a>
      )
    case 'video':
      // biome-ignore lint/a11y/useMediaCaption: people's videos have none.
      return <video className="tl-media-shown" src={url} controls aria-label={title} />
    case 'voice':
    case 'audio':
      // biome-ignore lint/a11y/useMediaCaption: people's voices have none.
      return <audio className="tl-media-shown" src={url} controls aria-label={title} />
    default:
      return (
        <a href={url} download={title} className="tl-media">
          <Attachment
            icon={FileText}
            title={title}
            detail={`${t('message.saveFile')} · ${format.bytes(media?.bytes ?? 0)}`}
          />
          <Download size={16} aria-hidden />
        </a>
      )
  }
}

/** A file is fetched with the rights of who looks at it, so that no address of it can be passed on. */
function useFile({ sessionId, id, chatId }: Message): { fetched: Fetched; fetch: () => void } {
  const { client, t } = useTrunkline()
  const [fetched, setFetched] = useState<Fetched>({ state: 'waiting' })
  const asked = useRef<AbortController>(undefined)
  const url = fetched.state === 'here' ? fetched.url : undefined
  useEffect(() => () => (url === undefined ? undefined : URL.revokeObjectURL(url)), [url])
  useEffect(() => () => asked.current?.abort(), [])
  const fetch = async () => {
    const asking = new AbortController()
    asked.current = asking
    setFetched({ state: 'fetching' })
    try {
      const response = await client.messages.getMedia(sessionId, id, { chatId }, { signal: asking.signal })
      setFetched({ state: 'here', url: URL.createObjectURL(await response.blob()) })
    } catch (error) {
      setFetched({ state: 'failed', why: problemText(error, t) })
    }
  }
  return { fetched, fetch: () => void fetch() }
}

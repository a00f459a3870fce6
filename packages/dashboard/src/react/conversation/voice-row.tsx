import { Mic, SendHorizontal, Trash2 } from 'lucide-react'
import { useNow, useTrunkline } from '../provider.js'
import { IconButton } from '../ui/button.js'
import { durationText } from './message-text.js'
import type { Recorder } from './use-recorder.js'

export function VoiceStart({ onStart }: { onStart(): void }) {
  const { t } = useTrunkline()
  return (
    <button
      type="button"
      className="tl-send-button"
      aria-label={t('message.voice')}
      title={t('message.voice')}
      onClick={onStart}
    >
      <Mic size={18} aria-hidden />
    </button>
  )
}

/** While a voice is recorded: how long it is, and whether it is sent or thrown away. */
export function VoiceRow({ recorder }: { recorder: Extract<Recorder, { state: 'recording' }> }) {
  const { t } = useTrunkline()
  const now = useNow(500)
  const seconds = Math.max(0, (now - recorder.startedAt) / 1000)
  return (
    <div className="tl-send-row tl-voice">
      <IconButton icon={Trash2} label={t('message.voice.drop')} onClick={recorder.drop} />
      <span className="tl-voice-time" role="timer" aria-label={t('message.voice.recording')}>
        <span className="tl-dot" aria-hidden /> {durationText(seconds)}
      </span>
      <button type="button" className="tl-send-button" aria-label={t('message.voice.send')} onClick={recorder.stop}>
        <SendHorizontal size={18} aria-hidden />
      </button>
    </div>
  )
}

import { useNow, useTrunkline } from '../../../react/provider.js'
import { useSessionTexts } from '../../texts/use-texts.js'
import { useQueue } from './use-queue.js'

/** What WhatsApp limits of the account at the moment. Where it limits nothing there is nothing to say. */
export function RestrictionsNotice({ sessionId }: { sessionId: string }) {
  const { format } = useTrunkline()
  const t = useSessionTexts()
  const now = useNow(5_000)
  const { data } = useQueue(sessionId)
  return data?.restrictions.map(({ code, since, until }) => (
    <div key={code} className="why tl-tone-bad" role="status">
      <p>
        <strong>{t(`queue.reason.${code}`)}</strong>
        <span>{t('queue.since', { when: format.moment(since) })}</span>
      </p>
      <span className="why-when">
        {until === undefined
          ? t('queue.noEnd')
          : `${t('queue.until', { when: format.moment(until) })} · ${format.relative(until, now)}`}
      </span>
    </div>
  ))
}

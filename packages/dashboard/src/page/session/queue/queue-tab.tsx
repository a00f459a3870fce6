import { useQueryClient } from '@tanstack/react-query'
import { Eraser, Pause, Play } from 'lucide-react'
import { useState } from 'react'
import { useNow, useTrunkline } from '../../../react/provider.js'
import { nameOf, phoneText } from '../../../react/status.js'
import type { Queue, Session } from '../../../react/types.js'
import { Button } from '../../../react/ui/button.js'
import { Problem } from '../../../react/ui/problem.js'
import { useCall } from '../../../react/use-call.js'
import { useMe } from '../../me.js'
import { AskDialog } from '../../shell/ask-dialog.js'
import { BigNumber, Fact, Facts } from '../../shell/facts.js'
import { Loading } from '../../shell/loading.js'
import { useToasts } from '../../shell/toasts.js'
import { useSessionTexts } from '../../texts/use-texts.js'
import { QueuedMessages } from './queued-messages.js'
import { reasonText } from './reason-text.js'
import { queueKeys, useQueue } from './use-queue.js'

/** Events tell of every message. None does of what leaves the last minute, hour or day, nor of who pauses the queue elsewhere. */
const FRESH_MS = 60_000

const TONES = { running: 'good', paused: 'idle', limited: 'bad', offline: 'work' } as const
const WINDOWS = ['minute', 'hour', 'day', 'newChats'] as const

/** What waits to be sent, why, and what can be done about it. */
export function QueueTab({ session }: { session: Session }) {
  const { data, error, refetch } = useQueue(session.id, FRESH_MS)
  if (error) return <Problem error={error} onRetry={() => void refetch()} />
  if (!data) {
    return <Loading />
  }
  return (
    <div className="details-one">
      <StateCard session={session} queue={data} />
      <UsedCard queue={data} />
      <QueuedMessages session={session} />
    </div>
  )
}

function StateCard({ session, queue }: { session: Session; queue: Queue }) {
  const { format } = useTrunkline()
  const t = useSessionTexts()
  const { may } = useMe()
  const now = useNow(1_000)
  const { state, waiting, nextAt, waitingFor } = queue
  const until = waitingFor?.until
  return (
    <section className="card card-pad">
      <div className="card-head">
        <h2>{t('queue.waiting', { count: waiting })}</h2>
        {may('messages:send') ? <Actions session={session} queue={queue} /> : null}
      </div>
      <div className="tl-row">
        <span className={`tl-pill tl-tone-${TONES[state]}`}>
          <span className="tl-dot" aria-hidden />
          {t(`queue.state.${state}`)}
        </span>
        {waitingFor === undefined ? <span className="soft">{t(`queue.lead.${state}`)}</span> : null}
      </div>
      <Facts>
        <Fact name={t('queue.next')}>{nextAt === undefined ? undefined : format.relative(nextAt, now)}</Fact>
        <Fact name={t('queue.waitsFor')}>
          {waitingFor === undefined
            ? undefined
            : [reasonText(waitingFor, t), until && t('queue.until', { when: format.moment(until) })]
                .filter(Boolean)
                .join(' · ')}
        </Fact>
      </Facts>
    </section>
  )
}

function Actions({ session, queue: { state, waiting } }: { session: Session; queue: Queue }) {
  const { client } = useTrunkline()
  const t = useSessionTexts()
  const queries = useQueryClient()
  const { done } = useToasts()
  const [asking, setAsking] = useState(false)
  const keys = queueKeys(session.id)
  const isPaused = state === 'paused'
  const { run, busy, error } = useCall(async () => {
    const changed = await (isPaused ? client.queue.resume(session.id) : client.queue.pause(session.id))
    queries.setQueryData(keys.state, changed)
    await queries.invalidateQueries({ queryKey: keys.all })
  })
  const { account } = session
  const named = account ? `${nameOf(session)} (${phoneText(account.phone)})` : nameOf(session)
  return (
    <>
      <div className="tl-row">
        <Button small icon={isPaused ? Play : Pause} look={isPaused ? 'primary' : 'plain'} busy={busy} onClick={run}>
          {t(isPaused ? 'queue.resume' : 'queue.pause')}
        </Button>
        <Button small icon={Eraser} disabled={waiting === 0} onClick={() => setAsking(true)}>
          {t('queue.clear')}
        </Button>
      </div>
      {error === undefined ? null : <Problem error={error} />}
      {asking ? (
        <AskDialog
          title={t('queue.clear.title', { name: nameOf(session) })}
          lead={t('queue.clear.lead', { count: waiting, account: named })}
          action={t('queue.clear')}
          call={async () => {
            const { canceled } = await client.queue.clear(session.id)
            done(t('queue.clear.done', { count: canceled }))
          }}
          onDone={() => {
            setAsking(false)
            void queries.invalidateQueries({ queryKey: keys.all })
          }}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </>
  )
}

function UsedCard({ queue: { used, limits } }: { queue: Queue }) {
  const t = useSessionTexts()
  return (
    <section className="card card-pad">
      <h2>{t('queue.used')}</h2>
      <div className="numbers">
        {WINDOWS.map((each) => (
          <BigNumber
            key={each}
            name={t(`queue.used.${each}`)}
            value={used[each]}
            of={limits[each]}
            bad={used[each] >= (limits[each] ?? Number.POSITIVE_INFINITY)}
          />
        ))}
      </div>
      {Object.keys(limits).length === 0 ? <p className="tl-hint">{t('queue.used.unlimited')}</p> : null}
    </section>
  )
}

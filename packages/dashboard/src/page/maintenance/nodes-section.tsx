import { useQuery } from '@tanstack/react-query'
import { useNow, useTrunkline } from '../../react/provider.js'
import { useAdminTexts } from '../texts/use-texts.js'

const REFRESH_MS = 10_000

/** The processes that share the store, and how many sessions each runs. Of one alone nothing is shown. */
export function NodesSection() {
  const { client, format } = useTrunkline()
  const t = useAdminTexts()
  const now = useNow(10_000)
  const { data } = useQuery({
    queryKey: ['nodes'],
    queryFn: ({ signal }) => client.nodes.list({ signal }),
    refetchInterval: REFRESH_MS,
  })
  if (!data || data.items.length < 2) return null
  return (
    <section className="card card-pad step" aria-labelledby="nodes">
      <div className="card-head">
        <h2 id="nodes">{t('nodes.title')}</h2>
      </div>
      <ul className="flat">
        {data.items.map(({ id, name, version, sessions, draining, self, startedAt }) => (
          <li key={id}>
            <strong>{name}</strong> {t('nodes.sessions', { count: sessions })}
            <span className="soft">
              {`, ${version}, ${t('nodes.started', { when: format.relative(startedAt, now) })}`}
              {self ? `, ${t('nodes.self')}` : ''}
              {draining ? `, ${t('nodes.draining')}` : ''}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

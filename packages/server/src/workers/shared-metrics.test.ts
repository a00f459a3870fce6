import { createMemoryNetwork } from '@trunkline/core'
import { expect, it } from 'vitest'
import { Metrics } from '../metrics.js'
import { shareMetrics } from './shared-metrics.js'

it('each of several workers answers with the figures of all of them, also when one is not there', async () => {
  const network = createMemoryNetwork()
  const workers = [1, 2].map((slot) => ({
    metrics: new Metrics(),
    siblings: network.bus(),
    slot,
    count: 3,
    folder: '',
  }))
  for (const { metrics, ...place } of workers) await shareMetrics(metrics, place)
  const [first, second] = workers
  first?.metrics.observeRequest({ method: 'GET', route: '/healthz', status: 200, seconds: 0.1 })
  first?.metrics.observeStore({ operation: 'sessions.get', seconds: 0.1, failed: true })
  second?.metrics.observeRequest({ method: 'GET', route: '/healthz', status: 200, seconds: 0.2 })
  for (const { metrics } of workers) {
    const text = await metrics.text()
    expect(text).toContain('trunkline_http_request_seconds_count{method="GET",route="/healthz",status="200"} 2\n')
    expect(text).toContain('trunkline_store_failures_total{operation="sessions.get"} 1\n')
    expect(text.match(/^# TYPE trunkline_http_request_seconds /gm)).toHaveLength(1)
  }
})

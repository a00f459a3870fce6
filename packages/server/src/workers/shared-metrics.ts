import type { Figures, Metrics } from '../metrics.js'
import type { WorkerPlace } from './worker-place.js'

/** A worker that does not answer is left out, and the others are shown. */
const PATIENCE_MS = 5_000

/** Has each worker answer `/metrics` for all of them. */
export async function shareMetrics(metrics: Metrics, { slot, count, siblings }: WorkerPlace): Promise<void> {
  await siblings.answer(`metrics.${slot}`, async () => Buffer.from(JSON.stringify(await metrics.figures())))
  const slots = Array.from({ length: count }, (_, index) => index + 1).filter((each) => each !== slot)
  metrics.joinWith(async () => {
    const asking = slots.map((each) => siblings.ask(`metrics.${each}`, new Uint8Array(), { timeoutMs: PATIENCE_MS }))
    return (await Promise.all(asking)).flatMap((answer) =>
      answer.kind === 'answer' ? [JSON.parse(Buffer.from(answer.data).toString()) as Figures] : [],
    )
  })
}

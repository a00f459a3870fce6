import { expect, it, vi } from 'vitest'
import { recordingLogger } from '../../test/support/recording-logger.js'
import { createMemoryStore, MultiSessionManager } from '../index.js'
import { trunklineSignal } from './trunkline-signal.js'

it('gives the logger of the manager to the self-test of the curve', async () => {
  const installCurve = vi.spyOn(trunklineSignal, 'installCurve')
  const logger = recordingLogger()
  await new MultiSessionManager({ logger, store: createMemoryStore() }).close()
  expect(installCurve).toHaveBeenCalledWith(logger)
})

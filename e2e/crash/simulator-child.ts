// The simulator's command in a process of its own, which ends itself at a phase of linking. What it prints and how it keeps
// its state are the command's.
import { startSimulator } from '@trunkline/simulator'
import { saveOnChange } from '../../packages/simulator/src/command/save-on-change.js'
import { SnapshotFile } from '../../packages/simulator/src/command/snapshot-file.js'
import { begins, type Phase } from './phases.js'

export interface SimulatorChildOptions {
  port: number
  controlPort: number
  snapshotFile: string
  death?: { phase: Phase; saved: boolean }
}

process.once('message', async ({ port, controlPort, snapshotFile, death }: SimulatorChildOptions) => {
  const file = new SnapshotFile(snapshotFile)
  const snapshot = await file.load()
  const simulator = await startSimulator({ port, controlPort, seed: 'killed', ...(snapshot ? { snapshot } : {}) })
  const saving = saveOnChange(simulator, file, (error) => process.stderr.write(`${error}\n`))
  await file.save(simulator.snapshot())
  simulator.tap((stanza) => {
    if (!death || !begins(death.phase, stanza)) return
    if (!death.saved) process.kill(process.pid, 'SIGKILL')
    // What the stanza changes is in the snapshot.
    setImmediate(() => void saving.stop().then(() => process.kill(process.pid, 'SIGKILL')))
  })
  process.send?.({ controlUrl: simulator.controlUrl })
})
process.on('disconnect', () => process.exit(0))

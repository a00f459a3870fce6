import { startControlServer } from './control/control-server.js'
import { loadBridge } from './crypto/curve.js'
import { handleNode, refuseNode } from './handlers/dispatch.js'
import { MediaShelf } from './model/media-shelf.js'
import type { SimulatorState } from './model/state.js'
import { World } from './model/world.js'
import { FaultRules } from './rules/fault-rules.js'
import { LoginFaults } from './rules/login-faults.js'
import { MediaFaults } from './rules/media-faults.js'
import { VersionGate } from './rules/version-gate.js'
import { Gateway } from './server/gateway.js'
import { MediaHosts } from './server/media-hosts.js'
import { Server } from './server/server.js'
import { StanzaLog } from './server/stanza-log.js'
import { Simulator } from './simulator.js'
import { fromSnapshot, type SimulatorSnapshot } from './snapshot/codec.js'
import { type SimulatorClock, systemClock } from './util/clock.js'
import { createRandomSource, type RandomSource } from './util/random.js'
import { createAuthorityKeys } from './wire/certificate-authority.js'

export interface SimulatorOptions {
  /** Port for clients. Default: any free one. */
  port?: number
  /** Port for the HTTP control API. Default: any free one. */
  controlPort?: number
  /** With the same seed, keys and ids come out the same for the same calls. Default: random. */
  seed?: string
  /** A state to go on from. Its seed is kept. */
  snapshot?: SimulatorSnapshot
  clock?: SimulatorClock
}

/** Starts a WhatsApp on 127.0.0.1. Rejects with `SNAPSHOT_INVALID`, or when a port is taken. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  await loadBridge()
  const state = options.snapshot ? restored(options.snapshot) : undefined
  const random = createRandomSource(state?.seed ?? options.seed)
  const versions = new VersionGate()
  const media = new MediaShelf(random.stream(`media paths\n${state?.generation ?? 0}`))
  const server = new Server({
    world: new World(state ?? freshState(random)),
    clock: options.clock ?? systemClock,
    random,
    log: new StanzaLog(),
    rules: new FaultRules(),
    loginFaults: new LoginFaults(),
    versions,
    media,
    stanzas: { handle: handleNode, refuse: refuseNode },
  })
  const gateway = new Gateway({ onSocket: (socket) => server.accept(socket), newestVersion: () => versions.newest })
  const mediaHosts = new MediaHosts(media, new MediaFaults())
  const simulator = new Simulator(server, gateway, mediaHosts)
  try {
    await gateway.listen(options.port ?? 0)
    await mediaHosts.listen()
    simulator.openTo(await startControlServer(simulator, options.controlPort ?? 0))
  } catch (error) {
    await simulator.close()
    throw error
  }
  return simulator
}

function restored(snapshot: SimulatorSnapshot): SimulatorState {
  const state = fromSnapshot(snapshot)
  return { ...state, generation: state.generation + 1 }
}

const freshState = (random: RandomSource): SimulatorState => ({
  seed: random.seed,
  generation: 0,
  authority: createAuthorityKeys(random.stream('authority')),
  accounts: new Map(),
  groups: new Map(),
})

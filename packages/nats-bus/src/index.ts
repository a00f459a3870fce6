export type { NatsBus, NatsBusOptions, NatsCredentials } from './nats-bus.js'
export { createNatsBus } from './nats-bus.js'

// What tests need that run without WhatsApp: of hosts, of stores, and of Trunkline itself.
export { ManualClock, settled } from './manual-clock.js'
export { ACCOUNT, ScriptedConnection, ScriptedConnector } from './scripted-connector.js'

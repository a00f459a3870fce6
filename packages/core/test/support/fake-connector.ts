export {
  ACCOUNT,
  ScriptedConnection as FakeConnection,
  ScriptedConnector as FakeConnector,
} from '@trunkline/conformance/testing'

export { ManualClock as FakeClock, settled } from '@trunkline/conformance/testing'

import type { SimulatorState } from '../model/state.js'
import { SimulatorError } from '../util/errors.js'

/** The whole state as JSON: bytes as `{ $bytes }` (base64), maps as `{ $map }`, sets as `{ $set }`. */
export interface SimulatorSnapshot {
  format: 'trunkline-simulator'
  version: 1
  state: JsonValue
}

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue }

export const toSnapshot = (state: SimulatorState): SimulatorSnapshot => ({
  format: 'trunkline-simulator',
  version: 1,
  state: jsonValueOf(state),
})

/** Throws `SNAPSHOT_INVALID`. */
export function fromSnapshot(snapshot: unknown): SimulatorState {
  if (!isRecord(snapshot) || snapshot.format !== 'trunkline-simulator' || snapshot.version !== 1) {
    throw new SimulatorError('SNAPSHOT_INVALID', 'This is not a snapshot of version 1')
  }
  const state = fromJsonValue(snapshot.state as JsonValue)
  if (!isRecord(state) || !(state.accounts instanceof Map) || !isRecord(state.authority)) {
    throw new SimulatorError('SNAPSHOT_INVALID', 'The snapshot has no accounts')
  }
  return state as unknown as SimulatorState
}

/** Bytes as `{ $bytes }`, maps as `{ $map }`, sets as `{ $set }`. */
export function jsonValueOf(value: unknown): JsonValue {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') }
  if (value instanceof Map) return { $map: [...value].map(([key, item]) => [jsonValueOf(key), jsonValueOf(item)]) }
  if (value instanceof Set) return { $set: [...value].map(jsonValueOf) }
  if (Array.isArray(value)) return value.map(jsonValueOf)
  if (!isRecord(value)) return value as JsonValue
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.fromEntries(entries.map(([key, item]) => [key, jsonValueOf(item)]))
}

export function fromJsonValue(value: JsonValue): unknown {
  if (Array.isArray(value)) return value.map(fromJsonValue)
  if (!isRecord(value)) return value
  if (typeof value.$bytes === 'string') return Buffer.from(value.$bytes, 'base64')
  if (Array.isArray(value.$map))
    return new Map(value.$map.map((entry) => fromJsonValue(entry as JsonValue) as [unknown, unknown]))
  if (Array.isArray(value.$set)) return new Set(value.$set.map((item) => fromJsonValue(item as JsonValue)))
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromJsonValue(item as JsonValue)]))
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

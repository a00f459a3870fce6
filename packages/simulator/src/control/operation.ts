import type { Simulator } from '../simulator.js'
import { type Input, readInput, type Shape } from './fields.js'

/** What a request is about besides its body. */
export interface OperationContext {
  simulator: Simulator
  /** The phone's number, if the path names one. */
  number: string
  rules: RuleBook
  signal: AbortSignal
}

/** Fault rules that were made over HTTP, by id. */
export type RuleBook = Map<string, { readonly hits: number; remove(): void }>

export interface Operation {
  verb: 'GET' | 'POST'
  run(context: OperationContext, body: unknown): unknown
}

/** Something to look at. */
export const read = (run: (context: OperationContext) => unknown): Operation => ({ verb: 'GET', run })

/** Something to do, with its input. */
export const act = <S extends Shape>(
  shape: S,
  run: (context: OperationContext, input: Input<S>) => unknown,
): Operation => ({ verb: 'POST', run: (context, body) => run(context, readInput(shape, body)) })

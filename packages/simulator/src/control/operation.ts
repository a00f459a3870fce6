import type { z } from 'zod'
import { object, readInput } from './fields.js'

/**
 * One row of a table of the control API: what a request does, and how a method of the client makes the request. Shapes,
 * server and client come from it.
 */
export interface Operation<Target, Arguments extends unknown[], Output> {
  verb: 'GET' | 'POST'
  /** The body for the arguments of the client's method. */
  bodyOf(...values: Arguments): object
  /** Throws `BAD_INPUT` when the body is not what it has to be, before anything is looked up. */
  answer(target: () => Target, body: unknown, signal: AbortSignal): Output
}

type Shape = z.core.$ZodLooseShape
type Schema<S extends Shape> = ReturnType<typeof object<S>>

/** The two ways to write a row for requests about a `Target`. */
export function operationsOn<Target>() {
  return {
    /** Something to look at. */
    look: <Output>(run: (target: Target) => Output): Operation<Target, [], Output> => ({
      verb: 'GET',
      bodyOf: () => ({}),
      answer: (target) => run(target()),
    }),

    /** Something to do, with its input. */
    act: <S extends Shape, Arguments extends unknown[], Output>(
      shape: S,
      bodyOf: (...values: Arguments) => z.input<Schema<S>>,
      run: (target: Target, input: z.output<Schema<S>>, signal: AbortSignal) => Output,
    ): Operation<Target, Arguments, Output> => {
      const schema = object(shape)
      return {
        verb: 'POST',
        bodyOf,
        answer: (target, body, signal) => {
          const input = readInput(schema, body)
          return run(target(), input, signal)
        },
      }
    },
  }
}

/** As the client sees a table: a method for each row, which resolves with what the library would have returned. */
export type Methods<Table> = {
  [Name in keyof Table]: Table[Name] extends {
    bodyOf(...values: infer Arguments): object
    answer: Answer<infer Output>
  }
    ? (...values: Arguments) => Promise<Awaited<Output>>
    : never
}

type Answer<Output> = (target: never, body: unknown, signal: AbortSignal) => Output

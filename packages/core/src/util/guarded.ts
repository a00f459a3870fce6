/**
 * The same object, whose methods reject with what `toError` makes of their failures. Methods of classes keep their `this`, and a
 * method that throws instead of rejecting rejects.
 */
export function guarded<Port extends object>(port: Port, toError: (failure: unknown) => unknown): Port {
  const known = new Map<unknown, unknown>()
  return new Proxy(port, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      const guard = known.get(value) ?? guardedMethod(value.bind(target) as Method, toError)
      known.set(value, guard)
      return guard
    },
  })
}

type Method = (...parameters: unknown[]) => unknown

function guardedMethod(method: Method, toError: (failure: unknown) => unknown): Method {
  return async (...parameters) => {
    try {
      return await method(...parameters)
    } catch (failure) {
      throw toError(failure)
    }
  }
}

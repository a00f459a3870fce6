type ToError = (failure: unknown) => unknown

/** What stands behind each guarded object. */
const guards = new WeakMap<object, { port: object; toError: ToError }>()

/**
 * The same object, whose methods reject with what `toError` makes of their failures. Methods of classes keep their `this`, and a
 * method that throws instead of rejecting rejects. What is guarded already waits no second time: both do their part at once.
 */
export function guarded<Port extends object>(port: Port, toError: ToError): Port {
  const inner = guards.get(port)
  if (inner) return guarded(inner.port as Port, (failure) => toError(inner.toError(failure)))
  const known = new Map<unknown, unknown>()
  const proxy = new Proxy(port, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      const guard = known.get(value) ?? guardedMethod(value.bind(target) as Method, toError)
      known.set(value, guard)
      return guard
    },
  })
  guards.set(proxy, { port, toError })
  return proxy
}

type Method = (...parameters: unknown[]) => unknown

function guardedMethod(method: Method, toError: ToError): Method {
  return async (...parameters) => {
    try {
      return await method(...parameters)
    } catch (failure) {
      throw toError(failure)
    }
  }
}

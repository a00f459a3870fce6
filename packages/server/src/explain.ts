import { type ErrorCode, TrunklineError } from '@trunkline/core'

/**
 * An error as one line for an operator: its code and text, and what lay below it, down to what the system said with the path.
 * User names and passwords in addresses are left out.
 */
export function explain(error: unknown): string {
  const isKnown = TrunklineError.is(error)
  const texts = [isKnown ? error.message : textOf(error)]
  for (let cause = causeOf(error); cause !== undefined && texts.length < 5; cause = causeOf(cause)) {
    const text = textOf(cause)
    if (!texts.some((said) => said.includes(text))) texts.push(text)
  }
  const code = isKnown && error.code !== 'CONFIG_INVALID' ? `${error.code}: ` : ''
  return withoutCredentials(`${code}${texts.join(': ')}`)
}

const STORE_PROBLEMS = [
  'STORE_UNAVAILABLE',
  'STORE_LOCKED',
  'STORE_FULL',
  'STORE_CORRUPT',
  'STORE_SCHEMA_NEWER',
] as const satisfies ErrorCode[]

/** The failure of a store with the variable that says where it is: by itself a store knows nothing of variables. */
export function atVariable(error: unknown, variable: string): unknown {
  for (const code of STORE_PROBLEMS) {
    if (TrunklineError.is(error, code)) {
      return new TrunklineError(code, { message: `${variable}: ${error.message}`, cause: error })
    }
  }
  if (TrunklineError.is(error, 'CONFIG_INVALID')) {
    const [field = variable] = variable.split(' ')
    const details = { errors: [{ field, message: error.message }] }
    return new TrunklineError('CONFIG_INVALID', { message: `${variable}: ${error.message}`, cause: error, details })
  }
  return error
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error)
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined
}

function withoutCredentials(text: string): string {
  return text.replace(/(\w:\/\/)[^\s'"]*@/g, '$1…@')
}

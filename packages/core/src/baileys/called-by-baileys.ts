const PACKAGE = /@whiskeysockets[\\/+]baileys/

/** Whether Baileys is among the callers: by the path of its files, or by the names of its functions where a bundler moved them. */
export function isCalledByBaileys(functions?: RegExp): boolean {
  const { stack = '' } = new Error()
  return PACKAGE.test(stack) || functions?.test(stack) === true
}

/** Passwords that stand in the examples of Trunkline, and those that are tried first. */
const SAMPLES = ['admin123', 'admin', 'password', 'changeme', 'change-me', 'secret', 'trunkline']

/** Whether somebody who has only read the examples could sign in with it. */
export function isSamplePassword(password: string): boolean {
  return SAMPLES.includes(password.toLowerCase())
}

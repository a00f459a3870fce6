import type { FieldError } from '@trunkline/core'

/** Values that stand in examples, ours and others': whoever knows them is in. */
const SAMPLE_SECRETS = ['super-secret-change-me', 'change-me', 'changeme', 'your-secret-key', 'secret']
const MIN_SECRET_BYTES = 32
/** 32 random bytes as hex or base64 have more, always. */
const MIN_SECRET_CHARACTERS = 8
const MIN_PASSWORD_LENGTH = 8
const MIN_PASSWORD_CHARACTERS = 4

/** Words that people make passwords of, with digits and signs around them. */
const PASSWORD_WORDS = [
  ...['admin', 'administrator', 'changeme', 'default', 'football', 'guest', 'hello', 'iloveyou', 'letmein', 'login'],
  ...['master', 'monkey', 'passwd', 'password', 'qwerty', 'qwertyuiop', 'root', 'sample', 'secret', 'superadmin'],
  ...['supersecret', 'test', 'testtest', 'trunkline', 'user', 'welcome', 'whatsapp'],
]

export interface Secrets {
  JWT_SECRET: string
  ADMIN_EMAIL?: string | undefined
  ADMIN_PASSWORD?: string | undefined
  loopback: boolean
}

/** Secrets that anybody could know are good enough for trying things out on this machine, and for nothing else. */
export function judgeSecrets({ JWT_SECRET, ADMIN_EMAIL, ADMIN_PASSWORD, loopback }: Secrets): {
  errors: FieldError[]
  warnings: string[]
} {
  const weak: FieldError[] = []
  const secretProblem = weaknessOfSecret(JWT_SECRET)
  if (secretProblem) weak.push({ field: 'JWT_SECRET', message: secretProblem })
  const passwordProblem = ADMIN_PASSWORD === undefined ? undefined : weaknessOfPassword(ADMIN_PASSWORD, ADMIN_EMAIL)
  if (passwordProblem) weak.push({ field: 'ADMIN_PASSWORD', message: passwordProblem })
  if (!loopback) return { errors: weak, warnings: [] }
  const only = 'This server listens on loopback, so it starts; it would not anywhere else'
  return { errors: [], warnings: weak.map(({ field, message }) => `${field} ${message}. ${only}.`) }
}

function weaknessOfSecret(secret: string): string | undefined {
  if (SAMPLE_SECRETS.includes(secret.toLowerCase())) return 'is a value from an example'
  if (Buffer.byteLength(secret) < MIN_SECRET_BYTES) return `has fewer than ${MIN_SECRET_BYTES} bytes`
  if (charactersIn(secret) < MIN_SECRET_CHARACTERS || repeats(secret)) return 'can be guessed: it repeats itself'
  return undefined
}

function weaknessOfPassword(password: string, email: string | undefined): string | undefined {
  const plain = password.toLowerCase()
  const word = lettersOf(plain)
  if (word === '' ? /^\d+$/.test(plain) : PASSWORD_WORDS.includes(word)) {
    return 'is a value from an example, or one that is tried first'
  }
  if (email !== undefined && [email.toLowerCase(), email.toLowerCase().split('@')[0]].includes(plain)) {
    return 'is the e-mail address'
  }
  if ([...password].length < MIN_PASSWORD_LENGTH) return `has fewer than ${MIN_PASSWORD_LENGTH} characters`
  if (charactersIn(password) < MIN_PASSWORD_CHARACTERS) return 'can be guessed: it repeats itself'
  return undefined
}

const SIGNS_FOR_LETTERS: Record<string, string> = { '@': 'a', $: 's', '0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's' }

/** The word in it: without digits and signs around it, and with those inside read as the letters they stand for. */
function lettersOf(password: string): string {
  const inner = password.replace(/^[^a-z@$]+|[^a-z@$]+$/g, '')
  return [...inner]
    .map((sign) => SIGNS_FOR_LETTERS[sign] ?? sign)
    .join('')
    .replace(/[^a-z]/g, '')
}

function charactersIn(text: string): number {
  return new Set(text).size
}

/** One short piece over and over, the last one cut off where the text ends. */
function repeats(text: string): boolean {
  return Array.from({ length: Math.min(16, text.length / 2) }, (_, index) => text.slice(0, index + 1)).some(
    (piece) => piece.repeat(Math.ceil(text.length / piece.length)).slice(0, text.length) === text,
  )
}

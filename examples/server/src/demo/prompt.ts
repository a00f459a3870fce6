import { createInterface } from 'node:readline'
import type { DemoWorld, Person } from './demo-world.js'

const HELP = `  scan <session> [ana|ben|carol]    the phone scans the QR that the session shows
  code <code> [ana|ben|carol]       the phone types the pairing code that POST …/pairing-code answers
  say <person> <person> <text>      one phone writes to another: say carol ana Hello
  phones                            what each phone has decrypted
  help
`

/** What a person can do with the simulated phones, line by line. */
export function listenToPerson(world: DemoWorld): void {
  const lines = createInterface({ input: process.stdin })
  process.stdout.write(`Your phones take commands here:\n${HELP}`)
  lines.on('line', (line) => {
    obey(world, line.trim()).catch((error: unknown) => {
      process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`)
    })
  })
}

async function obey(world: DemoWorld, line: string): Promise<void> {
  const [command = '', one = '', other = '', ...rest] = line.split(/\s+/)
  switch (command) {
    case '':
      return
    case 'scan': {
      const { qr } = await world.server.manager.qr(one)
      await phone(world, other || 'ana').scanQr(qr)
      process.stdout.write(`Scanned: ${one} connects now.\n`)
      return
    }
    case 'code':
      await phone(world, other || 'ana').enterPairingCode(one)
      process.stdout.write('Typed: the session connects now.\n')
      return
    case 'say':
      await phone(world, one).sendText(phone(world, other).number, rest.join(' '))
      return
    case 'phones':
      for (const [name, { number, messages }] of Object.entries(world.phones)) {
        process.stdout.write(`${name} (${number})\n`)
        for (const { from, text } of messages) process.stdout.write(`  ${from}: ${text ?? '(no text)'}\n`)
      }
      return
    default:
      process.stdout.write(HELP)
  }
}

function phone(world: DemoWorld, name: string): DemoWorld['phones'][Person] {
  const found = world.phones[name as Person]
  if (!found) throw new Error(`There is no phone ${name}: try ana, ben or carol`)
  return found
}

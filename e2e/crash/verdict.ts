import type { Inventory } from './bot/bot.js'
import { ANSWERED, ASKED, HISTORY_TEXTS, type Story } from './story.js'

/** What is wrong after the last life of a bot, as sentences; empty when every promise was kept. */
export function problemsOf(story: Story, inventory: Inventory): string[] {
  const { cast, words, acknowledged } = story
  const problems = [...story.problems]
  const demand = (holds: boolean, problem: string) => {
    if (!holds) problems.push(problem)
  }
  const stored = (text: string) => inventory.messages.filter((message) => message.text === text)

  demand(inventory.status === 'connected', `the session is ${inventory.status}`)
  demand(inventory.archives <= story.lostLinks, 'credentials were archived')
  demand(cast.account.devices.length === 1, `the phone has ${cast.account.devices.length} linked devices`)
  for (const text of HISTORY_TEXTS) {
    demand(stored(text).length === 1, `"${text}" of the history is stored ${stored(text).length} times`)
  }
  for (const text of ASKED) {
    demand(stored(text).length === 1, `"${text}" is stored ${stored(text).length} times`)
    const logged = inventory.logged.filter((each) => each === text).length
    demand(logged === 1, `"${text}" is logged ${logged} times`)
    const keys = words.flatMap((word) => (word.word === 'message' && word.text === text ? [word.key] : []))
    demand(keys.length > 0, `"${text}" was never announced`)
    demand(new Set(keys).size <= 1, `"${text}" was announced as ${[...new Set(keys)].join(' and ')}`)
  }
  for (const { to, text } of ANSWERED) {
    const receivers = to === 'group' ? [cast.customer, cast.stranger] : [cast[to]]
    const statuses = stored(text).map(({ status }) => status)
    demand(statuses.length === 1, `"${text}" is stored ${statuses.length} times`)
    const sent = statuses.some((status) => status !== 'unknown')
    demand(sent || !acknowledged.has(text), `"${text}" was acknowledged and is ${statuses.join()}`)
    for (const receiver of receivers) {
      const held = receiver.messages.filter((message) => message.text === text && !message.fromMe).length
      demand(held <= 1, `"${text}" came ${held} times to ${receiver.name}`)
      demand(held === 1 || !sent, `"${text}" is ${statuses.join()} and never came to ${receiver.name}`)
    }
  }
  demand(inventory.pending === 0, `${inventory.pending} messages are pending`)
  for (const phone of [cast.account, cast.customer, cast.stranger]) {
    const failures = phone.failures.map(({ reason }) => reason)
    demand(failures.length === 0, `${phone.name} could not decrypt: ${failures.join(', ')}`)
  }
  return problems
}

// What a request costs over HTTP: Express with jose as somebody writes it by hand, and Trunkline on Express, in alternating rounds
// of one run. REQUESTS, ROUNDS, CONCURRENCY: how many.
import { Agent, request } from 'node:http'
import { median } from './end-to-end/statistics.js'
import { type HostSide, startSide } from './hosts/host-side.js'

const REQUESTS = Number(process.env.REQUESTS ?? 3_000)
const ROUNDS = Number(process.env.ROUNDS ?? 7)
const CONCURRENCY = Number(process.env.CONCURRENCY ?? 16)

/** What is demanded of Trunkline, as a multiple of the other. */
const LIMIT = 1.3

const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY })

function get({ url, token }: HostSide['place']): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = request(`${url}/api/sessions/shop`, { agent, headers: { authorization: `Bearer ${token}` } })
    asked.once('error', reject)
    asked.once('response', (response) => {
      if (response.statusCode !== 200) reject(new Error(`${url} answered ${response.statusCode}`))
      response.resume().once('end', resolve)
    })
    asked.end()
  })
}

/** CPU µs of the server for each request. */
async function round(side: HostSide, requests: number): Promise<number> {
  const before = await side.cpuMicros()
  let left = requests
  const work = async () => {
    while (left > 0) {
      left -= 1
      await get(side.place)
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, work))
  return ((await side.cpuMicros()) - before) / requests
}

const sides = [await startSide('http', 'bare'), await startSide('http', 'trunkline')] as const
try {
  for (const side of sides) await round(side, REQUESTS)
  const figures: [number[], number[]] = [[], []]
  for (let n = 0; n < ROUNDS; n += 1) {
    for (const index of n % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const))
      figures[index].push(await round(sides[index], REQUESTS))
  }
  const [bare, ours] = figures.map(median) as [number, number]
  console.log(
    `GET /api/sessions/shop, signed in · ${ROUNDS} rounds of ${REQUESTS} · Node.js ${process.versions.node}\n`,
  )
  console.log('| CPU µs a request | Express + jose | Trunkline | ratio | at most |\n|---|--:|--:|--:|--:|')
  console.log(`| median of rounds | ${bare.toFixed(0)} | ${ours.toFixed(0)} | ${(ours / bare).toFixed(2)} | ${LIMIT} |`)
} finally {
  agent.destroy()
  for (const side of sides) side.stop()
}

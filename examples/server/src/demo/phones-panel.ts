import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Phone } from '@trunkline/simulator'
import type { DemoWorld } from './demo-world.js'

export interface PhonesPanel {
  /** `http://127.0.0.1:5001` */
  url: string
  close(): Promise<void>
}

/** What the panel of the phones shows, and what can be done there. */
const PAGE = new URL('./phones-panel.html', import.meta.url)
const MOST_BYTES = 16_384

/** The simulated phones as a page: they scan, type codes and write, so that all of it can be tried without a phone. */
export async function startPhonesPanel(world: DemoWorld, { port }: { port: number }): Promise<PhonesPanel> {
  const server = createServer((request, response) => {
    answer(world, request, response).catch((error: unknown) => {
      sendJson(response, 400, { problem: error instanceof Error ? error.message : String(error) })
    })
  })
  await listen(server, port)
  const { port: bound } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(world: DemoWorld, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // A name that somebody else's DNS points here is not this machine's.
  if (!/^(?:127\.0\.0\.1|localhost)(?::\d+)?$/.test(request.headers.host ?? '')) throw new Error('Not by this name')
  const route = `${request.method} ${request.url}`
  switch (route) {
    case 'GET /':
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
      response.end(await readFile(PAGE))
      return
    case 'GET /state':
      sendJson(response, 200, await stateOf(world))
      return
    case 'POST /scan': {
      const { phone, sessionId } = await fieldsOf(request)
      const { qr } = await world.server.manager.qr(sessionId ?? '')
      await phoneOf(world, phone).scanQr(qr)
      break
    }
    case 'POST /code': {
      const { phone, code = '' } = await fieldsOf(request)
      await phoneOf(world, phone).enterPairingCode(code.replace(/[^0-9a-z]/gi, '').toUpperCase())
      break
    }
    case 'POST /say': {
      const { phone, to = '', text = '' } = await fieldsOf(request)
      await phoneOf(world, phone).sendText(to, text)
      break
    }
    default:
      sendJson(response, 404, { problem: 'There is nothing here' })
      return
  }
  sendJson(response, 200, {})
}

async function stateOf({ phones, server }: DemoWorld) {
  const { items } = await server.manager.list({ limit: 50 })
  return {
    phones: Object.entries(phones).map(([person, phone]) => ({
      person,
      name: phone.name,
      number: phone.number,
      linked: phone.devices.length,
      messages: phone.messages.slice(-60).map(({ from, chat, text, fromMe }) => ({ from, chat, text, fromMe })),
    })),
    sessions: items.map(({ id, label, status, account }) => ({ id, name: label ?? id, status, phone: account?.phone })),
  }
}

function phoneOf({ phones }: DemoWorld, person: string | undefined): Phone {
  const found = Object.entries(phones).find(([name]) => name === person)?.[1]
  if (!found) throw new Error('There is no such phone')
  return found
}

/** Fields of JSON that pages of other origins cannot send without being asked first. */
async function fieldsOf(request: IncomingMessage): Promise<Record<string, string | undefined>> {
  if (request.headers['content-type'] !== 'application/json') throw new Error('Only JSON is taken')
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk
    if (text.length > MOST_BYTES) throw new Error('Too long')
  }
  const body: unknown = JSON.parse(text)
  return Object.fromEntries(
    Object.entries(Object(body)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  if (response.headersSent) return
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(JSON.stringify(body))
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
}

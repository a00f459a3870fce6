import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Phone } from '@trunkline/simulator'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumOrReason, PageWorld, signIn } from './world.js'

const chromium = await chromiumOrReason()

interface Received {
  headers: IncomingHttpHeaders
  body: string
}

/** A program that takes webhooks, or does not. */
class Receiver {
  readonly received: Received[] = []
  status = 204
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  static async start(): Promise<Receiver> {
    const server = createServer()
    const receiver = new Receiver(server)
    server.on('request', (request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (chunk) => {
        body += chunk
      })
      request.on('end', () => {
        receiver.received.push({ headers: request.headers, body })
        response.writeHead(receiver.status).end()
        server.emit('taken')
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return receiver
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hooks`
  }

  async waitFor(fits: (received: Received) => boolean): Promise<Received> {
    for (;;) {
      const found = this.received.find(fits)
      if (found) return found
      await once(this.#server, 'taken')
    }
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}

function isSigned({ headers, body }: Received, secret: string): boolean {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  const signature = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
  return String(headers['webhook-signature']).split(' ').includes(signature)
}

describe.skipIf(chromium === undefined)('webhooks in the page', () => {
  let world: PageWorld
  let page: Page
  let receiver: Receiver
  let shop: Phone
  let carol: Phone
  let secret = ''
  beforeAll(async () => {
    world = await PageWorld.start(chromium ?? '', { URL_ALLOW: '127.0.0.1' })
    receiver = await Receiver.start()
    shop = await world.simulator.createPhone({ number: '15550000001', name: 'Shop' })
    carol = await world.simulator.createPhone({ number: '15550000003', name: 'Carol' })
    await world.link('shop', shop, { label: 'Tienda' })
    page = await world.open('/webhooks')
    await signIn(page)
  })
  afterAll(async () => {
    receiver.close()
    await world.close()
  })

  const act = async (name: string) => {
    await page.getByRole('button', { name: 'More actions' }).click()
    await page.getByRole('menuitem', { name }).click()
  }

  it('one is made with its events and headers, and its secret, which is shown once, signs what arrives', async () => {
    await page.getByRole('button', { name: 'New webhook' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Address').fill(receiver.url)
    await dialog.getByLabel('Note').fill('Orders')
    await dialog.getByLabel('Only these events').check()
    await dialog.getByLabel('message.status', { exact: true }).uncheck()
    await dialog.getByLabel('Headers').fill('Authorization Bearer of-the-receiver')
    await dialog.getByRole('button', { name: 'Create webhook' }).click()
    await dialog.getByText('Line 1 is no header').waitFor()
    await dialog.getByLabel('Headers').fill('Authorization: Bearer of-the-receiver')
    await dialog.getByRole('button', { name: 'Create webhook' }).click()
    secret = String(await page.getByTestId('once').textContent())
    await page.getByRole('button', { name: 'I have kept it' }).click()
    await page.getByRole('link', { name: 'Orders' }).waitFor()
    expect(await page.getByText(secret).count()).toBe(0)

    await carol.sendText(shop.number, 'One blue jacket')
    const message = await receiver.waitFor(({ body }) => body.includes('One blue jacket'))
    expect(JSON.parse(message.body)).toMatchObject({ type: 'message', data: { sessionId: 'shop' } })
    expect(message.headers.authorization).toBe('Bearer of-the-receiver')
    expect(isSigned(message, secret)).toBe(true)
  })

  it('a test is sent at once, and what came of it is said', async () => {
    await act('Send a test')
    await page.getByText('Taken with 204').waitFor()
    expect(receiver.received.filter(({ body }) => body.includes('webhook.test'))).toHaveLength(1)
    receiver.status = 500
    await act('Send a test')
    await page.getByText('HTTP 500').waitFor()
    receiver.status = 204
  })

  it('what is edited holds for what follows, and headers that nobody touched stay', async () => {
    await act('Edit')
    const dialog = page.getByRole('dialog', { name: 'Edit webhook' })
    await dialog.getByText('Now set: Authorization').waitFor()
    await dialog.getByLabel('message-sent').check()
    await dialog.getByLabel('In order').check()
    await dialog.getByRole('button', { name: 'Save changes' }).click()
    await dialog.waitFor({ state: 'detached' })
    await world.server.manager.send('shop', { to: carol.number, text: 'Packed' })
    const sent = await receiver.waitFor(({ body }) => body.includes('message-sent'))
    expect(sent.headers.authorization).toBe('Bearer of-the-receiver')
    expect((await world.server.manager.webhooks.list()).items).toMatchObject([{ ordered: true, description: 'Orders' }])
  })

  it('with a second secret messages are signed by both, and by the new one alone when the older one has ended', async () => {
    await page.getByRole('link', { name: 'Orders' }).click()
    await page.getByRole('button', { name: 'New secret' }).click()
    const next = String(await page.getByTestId('once').textContent())
    await page.getByRole('button', { name: 'I have kept it' }).click()
    await carol.sendText(shop.number, 'Signed twice')
    const both = await receiver.waitFor(({ body }) => body.includes('Signed twice'))
    expect([isSigned(both, secret), isSigned(both, next)]).toEqual([true, true])

    await page.getByRole('button', { name: 'End secret' }).first().click()
    await page.getByRole('dialog').getByRole('button', { name: 'End secret' }).click()
    await page.getByRole('button', { name: 'New secret' }).waitFor()
    await carol.sendText(shop.number, 'Signed once')
    const one = await receiver.waitFor(({ body }) => body.includes('Signed once'))
    expect([isSigned(one, secret), isSigned(one, next)]).toEqual([false, true])
  })

  it('what was not taken stands in the log with its tries, and goes again when somebody says so', async () => {
    receiver.status = 503
    await carol.sendText(shop.number, 'Is anybody there?')
    const refused = await receiver.waitFor(({ body }) => body.includes('Is anybody there?'))
    await page.reload()
    const row = page.getByRole('row').filter({ hasText: 'Waits for the next try' })
    await row.getByRole('button', { name: '1 try' }).click()
    await page.getByRole('dialog').getByText('HTTP 503').waitFor()
    await page.keyboard.press('Escape')
    await page.getByText('Fails', { exact: true }).waitFor()
    receiver.status = 204
    const before = receiver.received.length
    await row.getByRole('button', { name: 'Deliver again' }).click()
    await page.getByText('It is being delivered again').waitFor()
    await receiver.waitFor((each) => receiver.received.indexOf(each) >= before)
    const again = receiver.received[before]
    expect(again?.headers['webhook-id']).toBe(refused.headers['webhook-id'])
    expect(again?.body).toBe(refused.body)
  })

  it('what was given up within a time is delivered again', async () => {
    const { manager } = world.server
    const [webhook] = (await manager.webhooks.list()).items
    const webhookId = webhook?.id ?? ''
    // Others would wait for the one before, which is tried again after some seconds.
    await manager.webhooks.update(webhookId, { ordered: false })
    receiver.status = 503
    await carol.sendText(shop.number, 'Once more')
    await receiver.waitFor(({ body }) => body.includes('Once more'))
    await giveUp(world, webhookId, 'Once more')
    receiver.status = 204
    await page.getByLabel('State of the delivery').selectOption('Given up')
    await page.getByRole('row').filter({ hasText: 'Given up' }).waitFor()
    const refused = receiver.received.length
    await page.getByRole('button', { name: 'Deliver again what was given up' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Deliver again' }).click()
    await page.getByText('1 event is delivered again').waitFor()
    await receiver.waitFor((each) => receiver.received.indexOf(each) >= refused && each.body.includes('Once more'))
  })

  it('is switched off and on, and deleted after a question', async () => {
    await act('Switch off')
    await page.getByText('The webhook is off').waitFor()
    expect((await world.server.manager.webhooks.list()).items).toMatchObject([{ enabled: false }])
    await act('Switch on')
    await page.getByText('The webhook is on').waitFor()
    await act('Delete')
    await page.getByRole('dialog').getByText(receiver.url).waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByText('No webhooks yet').waitFor()
    expect((await world.server.manager.webhooks.list()).items).toEqual([])
  })

  it('and nothing of it left the origin, broke its policy or threw', () => {
    expect(world.complaints).toEqual({ foreignRequests: [], policyViolations: [], errors: [] })
  })
})

/** What the third day without an answer does to a delivery. */
async function giveUp({ server: { manager } }: PageWorld, webhookId: string, text: string): Promise<void> {
  const { jobs } = manager.store
  const kind = `webhook:${webhookId}`
  const options = { kind, owner: 'third-day', limit: 10, leaseMs: 60_000 }
  const at = () => new Date().toISOString()
  for (let done = false; !done; ) {
    const later = new Date(Date.now() + 3_600_000).toISOString()
    for (const job of (await jobs?.claim({ ...options, now: later })) ?? []) {
      const isIt = JSON.stringify(job.payload).includes(text)
      await jobs?.settle(job, isIt ? { state: 'dead', at: at() } : { state: 'waiting', dueAt: at() })
      done ||= isIt
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

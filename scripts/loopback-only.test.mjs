// vitest.config.ts loads the preload into every worker, so these tests look at the very guard that protects all others.
import { execFile } from 'node:child_process'
import dgram from 'node:dgram'
import dns, { lookup as importedLookup } from 'node:dns'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tls from 'node:tls'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'

// TEST-NET-3 of RFC 5737 and the documentation prefix of RFC 3849: nothing answers there, should the guard ever fail.
const publicAddress = '203.0.113.1'
const publicAddress6 = '2001:db8::1'
const publicName = 'web.whatsapp.com'
const refused = expect.objectContaining({ code: 'ERR_NOT_LOOPBACK' })

const opened = []
afterEach(() => {
  for (const thing of opened.splice(0)) thing.close()
})

async function listening(server, ...where) {
  opened.push(server)
  await new Promise((resolve) => server.listen(...where, resolve))
  return server.address()
}

/** Resolves with 'connected', or rejects with the socket's error. */
function outcome(socket) {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.destroy()
      resolve('connected')
    })
  })
}

describe('connections', () => {
  it.each([
    ['net.connect with options', () => net.connect({ host: publicAddress, port: 443 })],
    ['net.connect with port and host', () => net.connect(443, publicAddress)],
    ['a socket of its own', () => new net.Socket().connect(443, publicAddress)],
    ['an IPv6 address', () => net.connect({ host: publicAddress6, port: 443 })],
    ['an IPv4 address written as IPv6', () => net.connect({ host: `::ffff:${publicAddress}`, port: 443 })],
    ['the unspecified address', () => net.connect({ host: '0.0.0.0', port: 443 })],
    ['a name', () => net.connect({ host: publicName, port: 443 })],
    ['tls', () => tls.connect({ host: publicAddress, port: 443 })],
    ['http', () => http.get({ host: publicAddress })],
    ['https by name', () => https.get(`https://${publicName}/`)],
    [
      'a lookup that answers a public address',
      () => net.connect({ host: 'localhost', port: 443, lookup: answer(publicAddress) }),
    ],
    [
      'a lookup that answers several addresses, one of them public',
      () =>
        net.connect({
          host: 'anything.example',
          port: 443,
          autoSelectFamily: true,
          lookup: (_host, _options, callback) =>
            callback(null, [
              { address: '127.0.0.1', family: 4 },
              { address: publicAddress, family: 4 },
            ]),
        }),
    ],
  ])('refuses %s', async (_what, open) => {
    await expect(outcome(open())).rejects.toEqual(refused)
  })

  it('refuses fetch', async () => {
    await expect(fetch(`https://${publicName}/`)).rejects.toMatchObject({ cause: refused })
  })

  it.each(['127.0.0.1', 'localhost', '::1', '::ffff:127.0.0.1'])('lets %s through', async (host) => {
    const { port } = await listening(
      net.createServer((socket) => socket.end()),
      0,
      host === 'localhost' ? undefined : host,
    )
    await expect(outcome(net.connect({ host, port }))).resolves.toBe('connected')
    await expect(outcome(net.connect(port, host))).resolves.toBe('connected')
  })

  it('lets a name through that its own lookup finds on loopback', async () => {
    const { port } = await listening(
      net.createServer((socket) => socket.end()),
      0,
      '127.0.0.1',
    )
    const socket = net.connect({ host: 'simulator.example', port, lookup: answer('127.0.0.1') })
    await expect(outcome(socket)).resolves.toBe('connected')
  })

  it('lets fetch through to loopback', async () => {
    const { port } = await listening(
      http.createServer((_request, response) => response.end('here')),
      0,
    )
    await expect(fetch(`http://localhost:${port}/`).then((response) => response.text())).resolves.toBe('here')
  })

  it.skipIf(process.platform === 'win32')('lets unix sockets through', async () => {
    const path = join(tmpdir(), `loopback-only-${process.pid}.sock`)
    await listening(
      net.createServer((socket) => socket.end()),
      path,
    )
    await expect(outcome(net.connect(path))).resolves.toBe('connected')
    await expect(outcome(net.connect({ path }))).resolves.toBe('connected')
  })
})

describe('datagrams', () => {
  it('refuses public addresses and lets loopback through', async () => {
    const receiver = dgram.createSocket('udp4')
    const sender = dgram.createSocket('udp4')
    opened.push(receiver, sender)
    await bound(receiver)
    const received = new Promise((resolve) => receiver.once('message', (message) => resolve(message.toString())))

    expect(() => sender.send('hello', 53, publicAddress)).toThrow(refused)
    expect(() => sender.send(Buffer.from('hello'), 0, 5, 53, publicName)).toThrow(refused)
    expect(() => sender.connect(53, publicAddress)).toThrow(refused)
    sender.send('hello', receiver.address().port, '127.0.0.1')
    await expect(received).resolves.toBe('hello')
  })
})

describe('DNS', () => {
  it.each([
    ['lookup', () => promisify(dns.lookup)(publicName)],
    ['lookup, imported by name', () => promisify(importedLookup)(publicName)],
    ['resolve', () => promisify(dns.resolve)(publicName)],
    ['resolve4', () => promisify(dns.resolve4)('localhost')],
    ['reverse', () => promisify(dns.reverse)(publicAddress)],
    ['lookupService', () => promisify(dns.lookupService)(publicAddress, 443)],
    ['promises.lookup', () => dns.promises.lookup(publicName)],
    ['promises.resolveTxt', () => dns.promises.resolveTxt(publicName)],
    ['a resolver', () => promisify(dns.Resolver.prototype.resolve4).call(new dns.Resolver(), publicName)],
    ['a resolver with promises', () => new dns.promises.Resolver().resolve4(publicName)],
    ['a resolver pointed to a public server', () => resolverAt(publicAddress).resolve4(publicName)],
  ])('refuses %s', async (_what, query) => {
    await expect(query()).rejects.toEqual(refused)
  })

  it('looks up localhost and names of addresses', async () => {
    await expect(promisify(dns.lookup)('localhost', { family: 4 })).resolves.toEqual({
      address: '127.0.0.1',
      family: 4,
    })
    await expect(dns.promises.lookup(publicAddress)).resolves.toEqual({ address: publicAddress, family: 4 })
  })

  it('asks a resolver that is pointed to loopback', async () => {
    const server = dgram.createSocket('udp4')
    opened.push(server)
    await bound(server)
    server.on('message', (query, { port, address }) => {
      // The query with the response bit set and the name error code: this server knows no names.
      const reply = Buffer.from(query)
      reply.writeUInt16BE(0x8183, 2)
      server.send(reply, port, address)
    })
    const resolver = resolverAt(`127.0.0.1:${server.address().port}`)
    await expect(resolver.resolve4(publicName)).rejects.toMatchObject({ code: 'ENOTFOUND' })
  })
})

describe('the preload', () => {
  const attempt = `fetch('https://${publicName}/').catch((error) => console.log(error.cause.code))`

  it('reaches child processes', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', attempt])
    expect(stdout).toBe('ERR_NOT_LOOPBACK\n')
  })

  it('reaches worker threads', async () => {
    // A worker of a module: Node.js 20 loads no preload into `new Worker(code, { eval: true })`.
    const code = `import { parentPort } from 'node:worker_threads'
      fetch('https://${publicName}/').catch((error) => parentPort.postMessage(error.cause.code))`
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`))
    const answer = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
    await worker.terminate()
    expect(answer).toBe('ERR_NOT_LOOPBACK')
  })
})

function answer(address) {
  return (_host, { all }, callback) => {
    if (all) callback(null, [{ address, family: 4 }])
    else callback(null, address, 4)
  }
}

function bound(socket) {
  return new Promise((resolve) => socket.bind(0, '127.0.0.1', () => resolve(undefined)))
}

function resolverAt(server) {
  const resolver = new dns.promises.Resolver({ timeout: 2_000, tries: 1 })
  resolver.setServers([server])
  return resolver
}

// A preload (`node --import`) for tests and the demo: every connection, datagram and DNS query that would leave this
// machine's loopback interface is refused with ERR_NOT_LOOPBACK. Pipes and unix sockets work as ever.
import dgram from 'node:dgram'
import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'

const loopback = new net.BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

function isLoopback(address) {
  const family = net.isIP(address)
  if (family === 0) return false
  // BlockList looks through IPv4-mapped addresses (::ffff:127.0.0.1) by itself.
  return loopback.check(address, family === 6 ? 'ipv6' : 'ipv4')
}

function isLocalName(name) {
  return /^(?:.+\.)?localhost\.?$/i.test(name)
}

function refusal(what) {
  return Object.assign(new Error(`${what} is refused: only loopback is allowed here`), { code: 'ERR_NOT_LOOPBACK' })
}

// --- TCP. http, https, tls, http2, fetch and WebSocket all end in this one method.

const connect = net.Socket.prototype.connect

net.Socket.prototype.connect = function connectLoopbackOnly(...args) {
  // Node's own net.connect passes one array, marked by a symbol, of options and callback: it has to be handed on as it is.
  const marked = Array.isArray(args[0])
  const options = marked ? args[0][0] : connectOptions(args)
  if (options.path) return connect.apply(this, args)
  const host = options.host || 'localhost'
  const named = net.isIP(host) === 0
  if (named ? !isLocalName(host) && !options.lookup : !isLoopback(host)) {
    return refuse(this, refusal(`A connection to ${host}:${options.port}`))
  }
  if (!named) return connect.apply(this, args)
  const checked = { ...options, lookup: checkedLookup(options.lookup ?? dns.lookup) }
  if (!marked) return connect.call(this, checked, ...args.filter((arg) => typeof arg === 'function'))
  args[0][0] = checked
  return connect.apply(this, args)
}

/** Fails as a refused connection does: later, once the caller has had its turn to listen, and with writes waiting until then. */
function refuse(socket, error) {
  socket.connecting = true
  setImmediate(() => socket.destroy(error))
  return socket
}

/** The options among `connect(options)`, `connect(path)` and `connect(port, host)`, told apart as Node.js does it. */
function connectOptions(args) {
  const [first, second] = args
  if (typeof first === 'object' && first !== null) return first
  if (typeof first === 'string' && !(Number(first) >= 0)) return { path: first }
  return { port: first, host: typeof second === 'string' ? second : undefined }
}

/** A lookup whose answer may be used for a connection: whatever it finds has to be loopback. */
function checkedLookup(lookup) {
  return (host, options, callback) =>
    lookup(host, options, (error, address, family) => {
      if (error) return callback(error)
      const addresses = Array.isArray(address) ? address.map((entry) => entry.address) : [address]
      const foreign = addresses.find((entry) => !isLoopback(entry))
      if (foreign) return callback(refusal(`A connection to ${host} (${foreign})`))
      callback(null, address, family)
    })
}

// --- UDP.

const send = dgram.Socket.prototype.send
const connectDatagram = dgram.Socket.prototype.connect

dgram.Socket.prototype.send = function sendLoopbackOnly(message, ...rest) {
  checkDatagram(rest)
  return send.call(this, message, ...rest)
}

dgram.Socket.prototype.connect = function connectDatagramLoopbackOnly(...args) {
  checkDatagram(args)
  return connectDatagram.apply(this, args)
}

/** The address is the one string among the arguments of `send` and `connect`; without it, it is loopback. */
function checkDatagram(args) {
  const address = args.find((arg) => typeof arg === 'string' && arg !== '')
  if (address === undefined || isLocalName(address) || isLoopback(address)) return
  throw refusal(`A datagram to ${address}`)
}

// --- DNS. A name is looked up only if it is localhost; a query goes only to a resolver that was pointed to loopback.

guard(dns, 'lookup', mayLookUp)
guard(dns, 'lookupService', isLoopback)
guardPromise(dns.promises, 'lookup', mayLookUp)
guardPromise(dns.promises, 'lookupService', isLoopback)

const pointedToLoopback = new WeakSet()
const queries = Object.keys(dns).filter((name) => /^(?:resolve|reverse)/.test(name))
const never = () => false
const byPointedResolver = (_name, resolver) => pointedToLoopback.has(resolver)

for (const query of queries) {
  guard(dns, query, never)
  guard(dns.Resolver.prototype, query, byPointedResolver)
  guardPromise(dns.promises, query, never)
  guardPromise(dns.promises.Resolver.prototype, query, byPointedResolver)
}
noteServers(dns.Resolver.prototype)
noteServers(dns.promises.Resolver.prototype)

/** The names of addresses cost no query, and listening on one asks for it. */
function mayLookUp(name) {
  return !name || net.isIP(name) !== 0 || isLocalName(name)
}

function guard(owner, method, allows) {
  const original = owner[method]
  function guarded(...args) {
    if (allows(args[0], this)) return original.apply(this, args)
    const callback = args.at(-1)
    const error = refusal(`A DNS query for ${args[0]}`)
    if (typeof callback !== 'function') throw error
    process.nextTick(callback, error)
  }
  // util.promisify(dns.lookup) answers an object because of a symbol that the original carries.
  for (const symbol of Object.getOwnPropertySymbols(original)) guarded[symbol] = original[symbol]
  owner[method] = guarded
}

function guardPromise(owner, method, allows) {
  const original = owner[method]
  owner[method] = async function guarded(...args) {
    if (!allows(args[0], this)) throw refusal(`A DNS query for ${args[0]}`)
    return await original.apply(this, args)
  }
}

function noteServers(prototype) {
  const setServers = prototype.setServers
  prototype.setServers = function noted(servers) {
    setServers.call(this, servers)
    const local = servers.every((server) => isLoopback(server.replace(/^\[(.+)\](?::\d+)?$|^([\d.]+):\d+$/, '$1$2')))
    if (local) pointedToLoopback.add(this)
    else pointedToLoopback.delete(this)
  }
}

// Makes `import { lookup } from 'node:dns'` see the same functions.
syncBuiltinESMExports()

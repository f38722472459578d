/**
 * The visitor's company on every request: middleware for Express and a plugin for Fastify.
 *
 * The visitor is found by the rules of `TrustedProxies`: nobody's headers are believed unless they
 * are a trusted proxy's, and of those only the one that it writes. What is put on the request is a
 * `Visitor`, which keeps neither the address nor the network. A request is never refused or lost on
 * account of it: where the index is damaged the visitor is unknown, and `onError` says why.
 *
 * With a reader that follows a registry, no request that begins after an objection was recorded
 * shows the firm.
 */

import type { IncomingMessage, Server } from 'node:http'
import { TrustedProxies } from './client'
import type { Company, Kind, Status } from './company'
import { FirmtrieError } from './errors'
import * as native from './native'
import { known, shown, strings } from './options'
import type { Reader } from './reader'

/** Who visits, as far as it may be told: no address, no network. */
export interface Visitor {
  readonly status: Status
  /** The company, if the status is `company`. */
  readonly company: Company | null
  /** What the visitor's network is used for. */
  readonly kind: Kind | null
}

export interface VisitorOptions {
  /**
   * Prefixes and addresses of the operator's own proxies; `loopback` for one on this machine, `unix` for one
   * that comes by a socket of the file system.
   */
  trusted?: Iterable<string>
  /** The header that they write: `X-Forwarded-For`, `Forwarded`, `CF-Connecting-IP` … */
  header?: string
  /**
   * Is told why a visitor could not be recognised; never with the address. Without it the first reason is a
   * warning of the process.
   */
  onError?: (error: unknown) => void
}

/** A request with its visitor. */
export interface WithVisitor {
  visitor: Visitor
}

declare global {
  // The requests of Express have it, as far as types can tell; where there is no Express nobody asks.
  namespace Express {
    interface Request extends WithVisitor {}
  }
}

/** @ts-ignore Where there is no Fastify there is nothing to add to. */
declare module 'fastify' {
  interface FastifyRequest extends WithVisitor {}
}

const UNKNOWN: Visitor = Object.freeze({ status: 'unknown', company: null, kind: null })

const OPTIONS = { trusted: 'list', header: 'string', onError: 'function' } as const

/** Finds the visitor of a request of Node's `http`, whatever the framework. */
export function recognition(
  reader: Reader,
  options: VisitorOptions = {},
): (request: IncomingMessage) => Visitor {
  if (typeof (reader as Partial<Reader> | null)?.classify !== 'function') {
    throw new FirmtrieError('usage', `the reader is ${shown(reader)}: give what \`await open(…)\` gives`)
  }
  const { trusted = [], header, onError = once(warn) } = known('visitors', options, OPTIONS)
  const prefixes = strings('visitors: the trusted proxies', trusted)
  const ours = new TrustedProxies(prefixes, header === undefined ? {} : { header })
  const name = ours.header
  const tellForwarded = once(warnOfForwarded)
  return (request) => {
    try {
      const peer = request.socket.remoteAddress ?? null
      if (peer === null && !isLocal(request)) return UNKNOWN
      // Without proxies of one's own nobody's headers are believed.
      if (prefixes.length === 0) {
        const forwarded = PROXY_HEADERS.find((name) => request.headers?.[name] !== undefined)
        if (forwarded !== undefined) tellForwarded(forwarded)
        if (peer === null) return UNKNOWN
      }
      const address = prefixes.length === 0 ? peer : ours.client(peer, values(request, name))
      if (address === null) return UNKNOWN
      const { status, company, kind } = reader.classify(address)
      return { status, company, kind }
    } catch (error) {
      tell(onError, nameless(error))
      return UNKNOWN
    }
  }
}

/** Headers that tell of a proxy. */
const PROXY_HEADERS = native.proxyHeaders()

/**
 * Does a request come by a socket of the file system? That it has no peer is not enough: one who hangs up
 * has none either, and could pretend to be a proxy.
 */
function isLocal({ socket }: IncomingMessage): boolean {
  const { server } = socket as typeof socket & { server?: Server }
  return typeof server?.address?.() === 'string'
}

/** The values of a header, one by one where the request tells them so: those of tests do not. */
function values({ headersDistinct, headers }: IncomingMessage, name: string): string | string[] | undefined {
  return headersDistinct === undefined ? headers[name] : headersDistinct[name]
}

/** A function that is called once, and then no more. */
function once<T>(tell: (value: T) => void): (value: T) => void {
  let told = false
  return (value) => {
    if (!told) tell(value)
    told = true
  }
}

/** Tells an error. What that throws is no request's fault, and is a warning. */
function tell(onError: (error: unknown) => void, error: unknown): void {
  try {
    onError(error)
  } catch (thrown) {
    process.emitWarning(`onError threw: ${String(thrown)}`, { code: 'FIRMTRIE_VISITOR' })
  }
}

function warn(error: unknown): void {
  process.emitWarning(`a visitor could not be recognised: ${String(error)}`, { code: 'FIRMTRIE_VISITOR' })
}

function warnOfForwarded(header: string): void {
  const told = `requests come with ${header}, and no proxy is trusted, so that visitors are told by who connects.`
  const advice = "If that is your proxy, name it: trusted: ['loopback'], ['unix'] or its prefix"
  process.emitWarning(`${told} ${advice}`, { code: 'FIRMTRIE_UNTRUSTED_PROXY' })
}

/** An address may be in the message of what it is refused with. */
function nameless(error: unknown): unknown {
  const isAddress = error instanceof FirmtrieError && error.code === 'address'
  return isAddress ? new FirmtrieError('address', 'the peer is no IP address') : error
}

/**
 * Middleware for Express and Connect: the `Visitor` is `request.visitor`.
 *
 * ```js
 * app.use(visitors(await open('companies.firm'), { trusted: ['10.0.0.0/8'] }))
 * ```
 */
export function visitors(
  reader: Reader,
  options?: VisitorOptions,
): (request: IncomingMessage, response: unknown, next: () => void) => void {
  const recognise = recognition(reader, options)
  return (request, _response, next) => {
    ;(request as IncomingMessage & WithVisitor).visitor = recognise(request)
    next()
  }
}

/** As much of Fastify as is needed. */
interface Fastify {
  decorateRequest(name: 'visitor', value: null): unknown
  addHook(
    name: 'onRequest',
    hook: (request: { raw: IncomingMessage }, reply: unknown, done: () => void) => void,
  ): unknown
}

type Plugged = VisitorOptions & { reader: Reader; prefix?: unknown; logLevel?: unknown; logSerializers?: unknown }

/**
 * A plugin for Fastify: the `Visitor` is `request.visitor`.
 *
 * ```js
 * fastify.register(fastifyVisitors, { reader: await open('companies.firm') })
 * ```
 */
export function fastifyVisitors(
  fastify: Fastify,
  options: VisitorOptions & { reader: Reader },
  done: (error?: Error) => void,
): void {
  let recognise: (request: IncomingMessage) => Visitor
  try {
    // Fastify has options of its own for every plugin.
    const { reader, prefix: _, logLevel: __, logSerializers: ___, ...rest } = options as Plugged
    recognise = recognition(reader, rest)
  } catch (error) {
    // Thrown here it would be nobody's, and end the process.
    return done(error instanceof Error ? error : new Error(String(error)))
  }
  fastify.decorateRequest('visitor', null)
  fastify.addHook('onRequest', (request, _reply, next) => {
    ;(request as typeof request & WithVisitor).visitor = recognise(request.raw)
    next()
  })
  done()
}

// A plugin of its own scope would decorate nobody else's requests.
Object.assign(fastifyVisitors, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'firmtrie',
})

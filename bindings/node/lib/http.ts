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

import type { IncomingMessage } from 'node:http'
import { TrustedProxies } from './client'
import type { Company, Kind, Status } from './company'
import { FirmtrieError } from './errors'
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
  /** Prefixes and addresses of the operator's own proxies. */
  trusted?: Iterable<string>
  /** The header that they write: `X-Forwarded-For`, `Forwarded`, `CF-Connecting-IP` … */
  header?: string
  /** Is told why a visitor could not be recognised; never with the address. */
  onError?: (error: unknown) => void
}

/** A request with its visitor. */
export interface WithVisitor {
  visitor: Visitor
}

const UNKNOWN: Visitor = Object.freeze({ status: 'unknown', company: null, kind: null })

/** Finds the visitor of a request of Node's `http`, whatever the framework. */
export function recognition(
  reader: Reader,
  { trusted = [], header, onError }: VisitorOptions = {},
): (request: IncomingMessage) => Visitor {
  const prefixes = [...trusted]
  const proxies = new TrustedProxies(prefixes, header === undefined ? {} : { header })
  const name = proxies.header
  return (request) => {
    try {
      const peer = request.socket.remoteAddress
      if (peer === undefined) return UNKNOWN
      // Without proxies of one's own nobody's headers are looked at.
      const address = prefixes.length === 0 ? peer : proxies.client(peer, request.headersDistinct[name])
      if (address === null) return UNKNOWN
      const { status, company, kind } = reader.classify(address)
      return { status, company, kind }
    } catch (error) {
      onError?.(nameless(error))
      return UNKNOWN
    }
  }
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
    recognise = recognition(options.reader, options)
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

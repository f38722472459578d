/** The visitor's address behind proxies. */

import { asking } from './errors'
import { fitting, known, strings } from './options'
import * as native from './native'

/** The one header that the operator's proxy writes: all others are a visitor's word. */
export interface ProxyOptions {
  /**
   * `X-Forwarded-For`, unless it is `Forwarded` (RFC 7239) or one that holds a single address, such as
   * `CF-Connecting-IP`, `True-Client-IP`, `X-Real-IP` or `Fly-Client-IP`.
   */
  header?: string
}

/**
 * The operator's own proxies: prefixes and addresses. Nobody's headers are believed but theirs, and of
 * those only the one that they write.
 *
 * ```js
 * const proxies = new TrustedProxies(['10.0.0.0/8'])
 * proxies.client('10.0.0.1', '8.1.0.1') // '8.1.0.1'
 * proxies.client('9.9.9.9', '8.1.0.1') // '9.9.9.9'
 * ```
 */
export class TrustedProxies {
  readonly #native: native.TrustedProxies

  /**
   * Trusts these, and nobody else: prefixes, addresses, `loopback` for this machine, `unix` for a socket of
   * the file system.
   */
  constructor(prefixes: Iterable<string> = [], options: ProxyOptions = {}) {
    const { header = 'X-Forwarded-For' } = known('TrustedProxies', options, { header: 'string' })
    this.#native = asking(() => new native.TrustedProxies(strings('TrustedProxies: the trusted proxies', prefixes), header))
  }

  /** The name of the header that is read, in lower case. */
  get header(): string {
    return this.#native.header
  }

  /**
   * The visitor's address, of the peer, who is `null` by a socket of the file system, and of the values of
   * the header; null where none is told.
   */
  client(peer: string | null, values?: string | string[]): string | null {
    if (peer !== null) fitting('the peer', 'string', peer)
    return asking(() => this.#native.client(peer, list(values)))
  }
}

/** The visitor's address behind `trusted` proxies; who asks often keeps a `TrustedProxies`. */
export function clientIp(
  peer: string | null,
  values?: string | string[],
  given: ProxyOptions & { trusted?: Iterable<string> } = {},
): string | null {
  const { trusted = [], ...options } = known('clientIp', given, { trusted: 'list', header: 'string' })
  return new TrustedProxies(trusted, options).client(peer, values)
}

function list(values: string | string[] | undefined): string[] {
  if (values === undefined) return []
  return typeof values === 'string' ? [values] : strings('the values of the header', values)
}

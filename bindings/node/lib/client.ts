/** The visitor's address behind proxies. */

import { asking } from './errors'
import * as native from './native'

/** Values of the headers that proxies set, as Node.js gives them. */
export interface ProxyHeaders {
  forwarded?: string | string[] | undefined
  xForwardedFor?: string | string[] | undefined
}

/**
 * The operator's own proxies: prefixes and addresses. Nobody's headers are believed but theirs
 * (`Forwarded`, RFC 7239, and `X-Forwarded-For`).
 *
 * ```js
 * const proxies = new TrustedProxies(['10.0.0.0/8'])
 * proxies.client('10.0.0.1', { xForwardedFor: '8.1.0.1' }) // '8.1.0.1'
 * proxies.client('9.9.9.9', { xForwardedFor: '8.1.0.1' }) // '9.9.9.9'
 * ```
 */
export class TrustedProxies {
  readonly #native: native.TrustedProxies

  /** Trusts these, and nobody else. */
  constructor(prefixes: Iterable<string> = []) {
    this.#native = asking(() => new native.TrustedProxies([...prefixes]))
  }

  /** The visitor's address; null where none is told. */
  client(peer: string, headers: ProxyHeaders = {}): string | null {
    const { forwarded, xForwardedFor } = headers
    return asking(() => this.#native.client(peer, list(forwarded), list(xForwardedFor)))
  }
}

/** The visitor's address behind `trusted` proxies; who asks often keeps a `TrustedProxies`. */
export function clientIp(
  peer: string,
  headers: ProxyHeaders = {},
  trusted: Iterable<string> = [],
): string | null {
  return new TrustedProxies(trusted).client(peer, headers)
}

function list(values: string | string[] | undefined): string[] {
  if (values === undefined) return []
  return typeof values === 'string' ? [values] : values
}

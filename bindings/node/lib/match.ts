/**
 * What an address is answered with. A match holds the network that has the address, and not the
 * address; what it knows it goes on knowing when its reader is reloaded or closed.
 */

import { inspect, type InspectOptions } from 'node:util'
import type { Answer, Company, CompanyName, Kind, Status } from './company'
import { ipv6Text } from './native'

/** One answer, in the shape that every language and the command line give. */
export interface PlainAnswer {
  status: Status
  network: string
  kind: Kind | null
  asn: number | null
  company: CompanyName | null
  sources: string[]
  confidence: number | null
}

/** @internal The words of a network's first address: one of IPv4, four of IPv6. */
export type Start = number | readonly [number, number, number, number]

/** @internal The words of a network's first address; those of IPv4 are one. */
export function networkText(start: Start, length: number): string {
  if (typeof start !== 'number') return `${ipv6Text(...start)}/${length}`
  return `${start >>> 24}.${(start >>> 16) & 255}.${(start >>> 8) & 255}.${start & 255}/${length}`
}

function plain(answer: Answer, network: string): PlainAnswer {
  const { status, kind, asn, confidence } = answer
  const company = answer.company?.named() ?? null
  return { status, network, kind, asn, company, sources: [...answer.sources], confidence }
}

/**
 * The company behind an address, with the network that has it. Immutable.
 *
 * ```js
 * const match = db.lookup('8.1.0.1')
 * match.company.name // 'Alpha B.V.'
 * match.network // '8.1.0.0/23'
 * ```
 */
export class Match {
  readonly #company: Company
  readonly #answer: Answer
  readonly #start: Start
  readonly #length: number

  /** @internal */
  constructor(company: Company, answer: Answer, start: Start, length: number) {
    this.#company = company
    this.#answer = answer
    this.#start = start
    this.#length = length
  }

  /** The company. */
  get company(): Company {
    return this.#company
  }

  /** `company`, as of every match. */
  get status(): Status {
    return this.#answer.status
  }

  /** The widest network that holds the address and is answered alike: `145.131.8.0/24`. */
  get network(): string {
    return networkText(this.#start, this.#length)
  }

  /** What the network is used for. */
  get kind(): Kind {
    return this.#answer.kind ?? 'unknown'
  }

  /** The autonomous system that announces the network. */
  get asn(): number | null {
    return this.#answer.asn
  }

  /** How sure the evidence makes the answer, from 0 to 1; null where there is none to weigh. */
  get confidence(): number | null {
    return this.#answer.confidence
  }

  /** The names of the sources that say so. */
  get sources(): string[] {
    return [...this.#answer.sources]
  }

  /** The answer in the plain shape that every language gives. */
  toJSON(): PlainAnswer {
    return plain(this.#answer, this.network)
  }

  [inspect.custom](_depth: number, options: InspectOptions): string {
    const { network, company, kind, asn } = this
    return `Match ${inspect({ network, company, kind, asn }, options)}`
  }
}

/**
 * How an address, or a network, is answered: also where nobody is named. Immutable.
 *
 * ```js
 * db.classify('8.2.0.1').kind // 'isp'
 * ```
 */
export class Classification {
  readonly #answer: Answer
  readonly #start: Start
  readonly #length: number

  /** @internal */
  constructor(answer: Answer, start: Start, length: number) {
    this.#answer = answer
    this.#start = start
    this.#length = length
  }

  /** Whether a company is named, and if not, why. */
  get status(): Status {
    return this.#answer.status
  }

  /** The company, if one is named. */
  get company(): Company | null {
    return this.#answer.company
  }

  /** The widest network that is answered alike. */
  get network(): string {
    return networkText(this.#start, this.#length)
  }

  /** What the network is used for; null where that is withheld or unknown. */
  get kind(): Kind | null {
    return this.#answer.kind
  }

  /** The autonomous system; null where that is withheld or unknown. */
  get asn(): number | null {
    return this.#answer.asn
  }

  /** The answer in the plain shape that every language gives. */
  toJSON(): PlainAnswer {
    return plain(this.#answer, this.network)
  }

  [inspect.custom](_depth: number, options: InspectOptions): string {
    const { network, status, company, kind, asn } = this
    const told = company === null ? { network, status, kind, asn } : { network, company, kind, asn }
    return `Classification ${inspect(told, options)}`
  }
}

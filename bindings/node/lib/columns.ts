/**
 * Many answers, in columns: numbers in typed arrays, and each different answer once, as text that is
 * read when it is asked for. They hold nothing of the index.
 */

import { inspect } from 'node:util'
import { Answer, type Company } from './company'
import { Classification, Match, type Words } from './match'
import type { Rows as Columns } from './native'

/** @internal Rows of the native module. */
export class Rows {
  readonly columns: Columns
  readonly #answers: Array<Answer | undefined> = []
  readonly #words: number

  constructor(columns: Columns) {
    this.columns = columns
    this.#words = columns.versions.length === 0 ? 1 : 4
  }

  get length(): number {
    return this.columns.answers.length
  }

  /** The answer of an index, from 1. */
  answer(index: number): Answer {
    const known = this.#answers[index]
    if (known !== undefined) return known
    const { texts, ends } = this.columns
    const json = texts.toString('utf8', index === 1 ? 0 : ends[index - 2], ends[index - 1])
    return (this.#answers[index] = new Answer(index, json))
  }

  /** Of a network. */
  classification(at: number): Classification {
    const answer = this.answer(this.columns.answers[at]!)
    return new Classification(answer, this.words(at), this.columns.lengths[at]!, true)
  }

  /** The words of an address. */
  words(at: number): Words {
    const { addresses, versions } = this.columns
    if (this.#words === 1) return addresses[at]!
    const [a, b, c, d] = addresses.subarray(4 * at, 4 * at + 4)
    return versions[at] === 4 ? d! : [a!, b!, c!, d!]
  }
}

/**
 * The answers of many addresses, in their order, each with its number:
 *
 * ```js
 * const visits = new Uint32Array(answers.distinct + 1)
 * for (const answer of answers.answers) visits[answer]++
 * answers.company(1)?.name // who has visits[1] of them
 * ```
 */
export class Answers {
  readonly #rows: Rows

  /** @internal */
  constructor(rows: Rows) {
    this.#rows = rows
  }

  /** How many addresses there were. */
  get length(): number {
    return this.#rows.length
  }

  /** For each address 0 where no company is named, or the number of its answer, from 1. */
  get answers(): Uint32Array {
    return this.#rows.columns.answers
  }

  /** How many different answers there are. */
  get distinct(): number {
    return this.#rows.columns.ends.length
  }

  /** The company of an answer; null of 0. */
  company(answer: number): Company | null {
    if (answer === 0) return null
    if (!Number.isInteger(answer) || answer < 0 || answer > this.distinct) {
      throw new RangeError(`there is no answer ${answer}; they are numbered from 1 to ${this.distinct}`)
    }
    return this.#rows.answer(answer).company
  }

  [inspect.custom](): string {
    return `${this.constructor.name} { ${this.length} addresses, ${this.distinct} answers }`
  }
}

/** The same with networks: a `Match` is made when it is asked for. */
export class Matches extends Answers implements Iterable<Match | null> {
  readonly #rows: Rows

  /** @internal */
  constructor(rows: Rows) {
    super(rows)
    this.#rows = rows
  }

  /** The length of the network of each address; also where no company is named. */
  get prefixLengths(): Uint8Array {
    return this.#rows.columns.lengths
  }

  /** The match of an address, by its index; from the end if that is negative. */
  at(index: number): Match | null | undefined {
    const at = index < 0 ? index + this.length : index
    const answer = this.#rows.columns.answers[at]
    if (answer === undefined) return undefined
    const company = this.company(answer)
    if (company === null) return null
    const rows = this.#rows
    return new Match(company, rows.answer(answer), rows.words(at), rows.columns.lengths[at]!)
  }

  *[Symbol.iterator](): IterableIterator<Match | null> {
    for (let at = 0; at < this.length; at++) yield this.at(at)!
  }
}

/**
 * Answers by their number, made when they are first asked for: the same few visitors come again and
 * again, and what they are answered with is then found without leaving JavaScript.
 */

import type { Answer } from './company'

/** A page is one array; V8 makes a slow dictionary of one that is made longer than 32,768. */
const PAGE_BITS = 10
const PAGE = 1 << PAGE_BITS
/** The most answers that are kept: what a reload throws away, and what memory they may take. */
const PAGES = 64

/**
 * An answer's place is its number modulo all places, and who comes last to a place stays there: no
 * more than that is ever thrown away, however many answers an index has.
 */
export class AnswerCache {
  readonly #pages: Array<Array<Answer | undefined> | undefined> = new Array(PAGES).fill(undefined)

  /** The answer of a number, if it is kept. */
  get(number: number): Answer | undefined {
    const place = number & (PAGES * PAGE - 1)
    const answer = this.#pages[place >>> PAGE_BITS]?.[place & (PAGE - 1)]
    return answer !== undefined && answer.number === number ? answer : undefined
  }

  /** Keeps an answer. */
  keep(answer: Answer): void {
    const place = answer.number & (PAGES * PAGE - 1)
    const page = (this.#pages[place >>> PAGE_BITS] ??= new Array(PAGE).fill(undefined))
    page[place & (PAGE - 1)] = answer
  }

  /** Forgets everything. */
  clear(): void {
    this.#pages.fill(undefined)
  }
}

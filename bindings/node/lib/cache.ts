/**
 * Answers by their number, made when they are first asked for: the same few visitors come again and
 * again, and what they are answered with is then found without leaving JavaScript.
 */

import type { Answer } from './company'

/** A page is one array; V8 makes a slow dictionary of one that is made longer than 32,768. */
const PAGE_BITS = 10
const PAGE = 1 << PAGE_BITS
/** So many answers are kept at most: what a reload throws away, and what memory they may take. */
const PAGES = 128

/**
 * An answer's place is its number modulo all places, and who comes last to a place stays there: no
 * more than that is ever thrown away, however many answers an index has.
 */
export class AnswerCache {
  #pages: Array<Array<Answer | undefined> | undefined> = new Array(PAGES).fill(undefined)

  /** The answer of a number, if it is kept. */
  get(number: number): Answer | undefined {
    const answer = this.#pages[(number >>> PAGE_BITS) & (PAGES - 1)]?.[number & (PAGE - 1)]
    return answer !== undefined && answer.number === number ? answer : undefined
  }

  /** Keeps an answer. */
  keep(answer: Answer): void {
    const at = (answer.number >>> PAGE_BITS) & (PAGES - 1)
    const page = (this.#pages[at] ??= new Array(PAGE).fill(undefined))
    page[answer.number & (PAGE - 1)] = answer
  }

  /** Forgets everything. */
  clear(): void {
    this.#pages.fill(undefined)
  }
}

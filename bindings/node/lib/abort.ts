/** What may be given up: an AbortSignal, and the native work that it stops. */

/** @internal Does some work, which `stop` ends when the signal says so; its reason is thrown then. */
export async function abortable<T>(
  signal: AbortSignal | undefined,
  stop: () => void,
  work: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
  signal?.addEventListener('abort', stop)
  try {
    return await work()
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

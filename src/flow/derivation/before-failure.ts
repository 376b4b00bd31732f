/**
 * What `work` gives, unless one of the others fails before. `Promise.race` keeps its value as long as one of its promises is pending: the
 * bytes of every answer would be kept until the process that sent them ends. This race has no value.
 */
export async function beforeFailure<Value>(
  work: Promise<Value>,
  failures: readonly Promise<never>[],
): Promise<Value> {
  await Promise.race([work.then(() => undefined), ...failures]);
  return await work;
}

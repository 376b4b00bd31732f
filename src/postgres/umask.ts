/** Runs `work`, which must be synchronous, with this umask, so that new files and folders get the modes that they are given. */
export function withUmask<Result>(mask: number, work: () => Result): Result {
  const previous = process.umask(mask);
  try {
    return work();
  } finally {
    process.umask(previous);
  }
}

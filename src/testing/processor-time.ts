/**
 * The processor time that `work` takes in this thread, in milliseconds. Other processes, which make the machine slow, do not count.
 */
export async function processorMsOf(work: () => unknown): Promise<number> {
  const began = process.threadCpuUsage();
  await work();
  const { user, system } = process.threadCpuUsage(began);
  return (user + system) / 1_000;
}

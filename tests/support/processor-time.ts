/** The processor time that `work` takes, in ms: a busy machine is slow, not wrong. */
export function processorMs(work: () => unknown): number {
  const begin = process.cpuUsage();
  work();
  return process.cpuUsage(begin).user / 1000;
}

/**
 * CPU time of this thread in milliseconds. Other threads of the process
 * compile and collect garbage, for all executions together.
 */
export function cpuTimeMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

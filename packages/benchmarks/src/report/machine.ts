import { cpus, loadavg, totalmem } from 'node:os';

/** What a number was measured on. */
export interface Machine {
  cpu: string;
  cores: number;
  memoryGib: number;
  /** Processes that wanted a core in the last minute, on average: what else went on. */
  load: number;
  node: string;
  date: string;
}

/** Describes this machine, now. */
export function describeMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0].model.trim(),
    cores: processors.length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    load: loadavg()[0],
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
  };
}

/** A machine in one sentence. */
export function machineText(machine: Machine): string {
  const { cpu, cores, memoryGib, load, node } = machine;
  return `Machine: ${cpu}, ${cores} cores, ${memoryGib} GiB, load ${load.toFixed(
    1,
  )} at the start; Node ${node}; backend in one process, PostgreSQL beside it.`;
}

import { cpus, loadavg } from 'node:os';
import { createGuardrails } from '../engine/createGuardrails';
import { createInputs } from './inputs';

// Prints how long the default guardrails take for each input.

const WARM_UP = 40;
const ROUNDS = 200;

const guardrails = createGuardrails();

process.stdout.write(
  `${new Date().toISOString().slice(0, 10)}, ${cpus()[0].model}, Node ${
    process.version
  }, load ${loadavg()[0].toFixed(
    1,
  )}\n\n| input | kB | findings | fastest ms | p50 ms | p99 ms |\n| --- | --- | --- | --- | --- | --- |\n`,
);
for (const { name, value } of createInputs()) {
  const inspect = () =>
    guardrails.inspectJson(value, { direction: 'result' }).findings.length;
  for (let round = 0; round < WARM_UP; round++) {
    inspect();
  }
  const times: number[] = [];
  let findings = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    findings = inspect();
    times.push(performance.now() - start);
  }
  times.sort((one, other) => one - other);
  const kilobytes = Math.round(JSON.stringify(value).length / 1000);
  process.stdout.write(
    `| ${name} | ${kilobytes} | ${findings} | ${times[0].toFixed(2)} | ${times[
      ROUNDS / 2
    ].toFixed(2)} | ${times[Math.floor(ROUNDS * 0.99)].toFixed(2)} |\n`,
  );
}

// Tries what a snippet could do that escaped from the engine, and prints what worked.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';

const [port] = process.argv.slice(-1);
const works = {
  passwd: attempt(() => readFileSync('/etc/passwd')),
  write: attempt(() => writeFileSync('/tmp/code-mode-probe', 'x')),
  spawn: attempt(() => {
    const { error } = spawnSync('/bin/true');
    if (error) throw error;
  }),
  environment: Object.keys(process.env).some(name => name !== 'PWD'),
  network: await new Promise(resolve => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('connect', () => resolve(true));
    socket.on('error', () => resolve(false));
  }),
};
process.stdout.write(JSON.stringify(works));
process.exit(0);

function attempt(act) {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}

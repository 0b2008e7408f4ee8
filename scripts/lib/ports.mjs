import { createConnection } from 'node:net';

/**
 * Tells whether something on this machine already listens on a port.
 *
 * @param {number} port TCP port
 * @returns {Promise<boolean>}
 */
export async function isPortTaken(port) {
  const answers = await Promise.all(
    ['127.0.0.1', '::1'].map(host => accepts(host, port)),
  );
  return answers.includes(true);
}

function accepts(host, port) {
  return new Promise(resolve => {
    const socket = createConnection({ host, port, timeout: 1000 });
    const answer = value => {
      socket.destroy();
      resolve(value);
    };
    socket.on('connect', () => answer(true));
    socket.on('timeout', () => answer(false));
    socket.on('error', () => answer(false));
  });
}

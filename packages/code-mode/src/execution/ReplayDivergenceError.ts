/** The code did not do again what is recorded of it. */
export class ReplayDivergenceError extends Error {
  name = 'ReplayDivergenceError';
}

/** How long what is known of tokens may be used, and what else takes its time. All in milliseconds. */
export interface Timings {
  /** Between the starts of two polls for revocations. */
  pollMs: number;
  /** For how long memory may be trusted after the start of the last reading that confirmed it. */
  trustMs: number;
  /** After which facts are read again in the background. */
  refreshMs: number;
  /** In which facts that are to be read again are collected. */
  collectMs: number;
  /** For how long an unknown token is not asked for again. */
  unknownMs: number;
  /** In which the unknown tokens of an address are counted. */
  unknownWindowMs: number;
  /** For each request to agent-auth, and for each question about a token. */
  timeoutMs: number;
  /** Between reports of uses. */
  usesMs: number;
}

/** Not configurable: operators and users are promised that a revocation holds everywhere within five seconds. */
export const TIMINGS: Timings = {
  // Two polls may be lost in a row before memory is no longer trusted.
  pollMs: 2_000,
  trustMs: 5_000,
  // Teams and owned systems change seldom, and nobody expects the change within a minute.
  refreshMs: 60_000,
  collectMs: 250,
  // Stops a client that retries in a loop, and is too short to outlast a sign-in.
  unknownMs: 1_000,
  unknownWindowMs: 60_000,
  // Below trustMs, so that no answer is older than it when it comes.
  timeoutMs: 3_000,
  usesMs: 15_000,
};

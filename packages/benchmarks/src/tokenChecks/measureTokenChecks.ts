import { Agent } from 'node:http';
import { grantAt } from './grants';
import {
  LoadResult,
  LoopDelay,
  summarise,
  watchProcess,
} from './load/LoadResult';
import { openLoop } from './load/openLoop';
import {
  CHECK_PATH,
  FIRST_USES_PATH,
  REVOCATIONS_PATH,
  RevocationsAnswer,
  RevocationsRequest,
  USES_PATH,
  UsesRequest,
  WARM_UP_PATH,
} from './load/protocol';
import type { Revocations } from './load/revokeSteadily';
import type { Replica } from './startReplica';
import { send } from './request';

/** After which agent-auth reads again what it knows of a token. */
const REFRESH_MS = 60_000;

/** How many connections are revoked each second. */
export const REVOCATION_RATE = 10;

/** HTTP requests a second. */
export const HTTP_RATE = 200;

/** Connections that the HTTP client keeps. */
const HTTP_CONNECTIONS = 64;

/** What a phase found. */
export interface PhaseResult extends LoadResult {
  /** Of this process, which only waited: what the machine alone did to everybody. */
  idleLoopDelayMs: LoopDelay;
}

/** What each phase found. */
export interface Phases {
  /** Every token is used for the first time; nothing is known. */
  cold: PhaseResult;
  /** Everything is known, and nothing old. */
  warm: PhaseResult;
  /** Everything is known, and read again when it is a minute old. */
  refreshing: PhaseResult;
  /** HTTP requests of another process. */
  http: Omit<LoadResult, 'process'>;
  /** Connections are revoked meanwhile. */
  revoking: PhaseResult;
  revocations: Revocations;
}

/**
 * Takes a replica through all phases, each with tokens drawn at random.
 *
 * @param options.rate - checks a second
 * @param options.seconds - of each phase but the first, which ends with the last token
 * @param options.say - is told which phase begins
 */
export async function measureTokenChecks(options: {
  replica: Replica;
  rate: number;
  seconds: number;
  say: (line: string) => void;
}): Promise<Phases> {
  const { replica, rate, seconds, say } = options;
  const uses: UsesRequest = { rate, seconds };

  say('First uses');
  const cold = await watched(() =>
    tell<LoadResult>(replica, FIRST_USES_PATH, { rate }),
  );
  // Does something only when checks have failed.
  await tell(replica, WARM_UP_PATH, {});
  say('Known tokens');
  const warm = await watched(() => tell<LoadResult>(replica, USES_PATH, uses));
  say('Tokens that are read again');
  const refreshing = await watched(() =>
    tell<LoadResult>(replica, USES_PATH, { ...uses, afterMs: REFRESH_MS }),
  );
  say('HTTP requests');
  const http = await measureHttp(replica, seconds);
  say('Revocations');
  const body: RevocationsRequest = {
    ...uses,
    revocationRate: REVOCATION_RATE,
    userToken: replica.userToken,
  };
  const { value, use } = await watchProcess(() =>
    tell<RevocationsAnswer>(replica, REVOCATIONS_PATH, body),
  );
  const revoking = { ...value.load, idleLoopDelayMs: use.loopDelayMs };
  const { revocations } = value;
  return { cold, warm, refreshing, http, revoking, revocations };
}

async function watched(work: () => Promise<LoadResult>): Promise<PhaseResult> {
  const { value, use } = await watchProcess(work);
  return { ...value, idleLoopDelayMs: use.loopDelayMs };
}

async function measureHttp(
  { url, seed, dataset }: Replica,
  seconds: number,
): Promise<Phases['http']> {
  const agent = new Agent({ keepAlive: true, maxSockets: HTTP_CONNECTIONS });
  const timings = await openLoop({
    rate: HTTP_RATE,
    count: HTTP_RATE * seconds,
    run: async () => {
      const index = Math.floor(Math.random() * dataset.grants);
      const { token } = grantAt(seed, index);
      const { status } = await send(`${url}${CHECK_PATH}`, { agent, token });
      if (status !== 204) {
        throw new Error(`status ${status}`);
      }
    },
  });
  agent.destroy();
  return summarise(HTTP_RATE, timings);
}

/** @throws Error when the backend fails */
async function tell<T>(
  { url }: Replica,
  path: string,
  body: object,
): Promise<T> {
  const answer = await send(`${url}${path}`, { method: 'POST', body });
  if (answer.status !== 200) {
    throw new Error(`${path} failed: ${answer.status} ${answer.body}`);
  }
  return JSON.parse(answer.body);
}

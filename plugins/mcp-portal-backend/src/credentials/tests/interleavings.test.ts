import { setTimeout as sleep } from 'node:timers/promises';
import { TestDatabases } from '@backstage/backend-test-utils';
import fc from 'fast-check';
import { accountAt } from '../__testUtils__/startMcpServer';
import {
  callerOf,
  startWorld,
  uuidOf,
  type World,
} from '../__testUtils__/startWorld';
import { TestBrowser } from '../__testUtils__/TestBrowser';
import type { Credentials } from '..';

jest.setTimeout(180_000);

const USERS = ['ada', 'bob', 'eve'];
const SERVERS = ['gitlab', 'github'];
const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

type Action =
  | 'connect'
  | 'call'
  | 'age'
  | 'disconnect'
  | 'revoke'
  | 'refuse'
  | 'restart';

/** What happens at the same time. */
type Step = Array<{
  action: Action;
  user: string;
  server: string;
  delayMs: number;
}>;

const step: fc.Arbitrary<Step> = fc.array(
  fc.record({
    action: fc.constantFrom<Action>(
      'connect',
      'connect',
      'call',
      'call',
      'age',
      'disconnect',
      'revoke',
      'refuse',
      'restart',
    ),
    user: fc.constantFrom(...USERS),
    server: fc.constantFrom(...SERVERS),
    delayMs: fc.nat(20),
  }),
  { minLength: 1, maxLength: 5 },
);

/** @throws what it is not expected to be */
function tolerate(error: unknown, ...expected: string[]): void {
  if (!expected.some(beginning => String(error).startsWith(beginning))) {
    throw error;
  }
}

describe.each(databases.eachSupportedId())(
  'Whatever happens at the same time on %s',
  databaseId => {
    let world: World;
    afterEach(() => world.stop());

    it('nobody is ever given the credential of somebody else, or for another server', async () => {
      world = await startWorld(await databases.init(databaseId));
      for (const name of SERVERS) {
        await world.addServer(name, { mode: 'oauth' });
      }
      let replicas: Credentials[] = [world.replica(), world.replica()];
      const serverOf = (name: string) =>
        world.servers.find(server => server.name === name)!;
      let calls = 0;
      const answers: Array<{ account?: string; expected: string }> = [];

      const lastGrants = new Map<string, { destroy(): Promise<void> }>();
      async function remember(who: string, headers: Record<string, string>) {
        const { AccessToken, Grant } = world.as.provider;
        const token = await AccessToken.find(headers.authorization.slice(7));
        const grant = token?.grantId && (await Grant.find(token.grantId));
        if (grant) {
          lastGrants.set(who, grant);
        }
      }

      /** What the upstream client does. */
      async function call(user: string, name: string): Promise<void> {
        const { upstream } = replicas[calls++ % replicas.length];
        const server = serverOf(name);
        const caller = callerOf(`user:default/${user}`);
        let account: string | undefined;
        try {
          let headers = await upstream.headersFor(server, caller);
          await remember(`${user}@${name}`, headers);
          account = await accountAt(server, headers);
          if (!account) {
            await upstream.refused(server, caller, {
              status: 401,
              challenge: 'Bearer error="invalid_token"',
              headers,
            });
            headers = await upstream.headersFor(server, caller);
            account = await accountAt(server, headers);
          }
        } catch (error) {
          tolerate(error, 'AuthorizationNeededError');
        }
        answers.push({ account, expected: `${user}@${name}` });
      }

      async function act({ action, user, server, delayMs }: Step[number]) {
        await sleep(delayMs);
        const where = {
          user: uuidOf(`user:default/${user}`),
          server: serverOf(server).entityRef,
        };
        const row = () => world.database('user_credentials').where(where);
        switch (action) {
          case 'connect': {
            const browser = new TestBrowser(world, `user:default/${user}`);
            await browser
              .connect(server, `${user}@${server}`)
              // Begun twice at the same time, the first one ends.
              .catch(error => tolerate(error, 'Error: 404', 'Error: 0'));
            break;
          }
          case 'age':
            await row().update({
              access_expires_at: new Date(Date.now() + 20_000),
              issued_at: new Date(Date.now() - 3_600_000),
            });
            break;
          case 'disconnect':
            await replicas[0].connections.end(where);
            break;
          case 'revoke':
            // At the authorization server, behind the portal's back.
            await lastGrants.get(`${user}@${server}`)?.destroy();
            break;
          case 'refuse':
            await replicas[1].upstream
              .refused(serverOf(server), callerOf(`user:default/${user}`), {
                status: 401,
              })
              .catch(() => {});
            break;
          case 'restart':
            replicas = [replicas[1], world.replica()];
            break;
          default:
            await call(user, server);
        }
      }

      const leaks = () =>
        answers.filter(
          ({ account, expected }) =>
            account !== undefined && account !== expected,
        );

      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 3, maxLength: 8 }),
          async steps => {
            await world.database('user_credentials').delete();
            for (const actions of steps) {
              await Promise.all(actions.map(act));
            }
            for (const user of USERS) {
              for (const server of SERVERS) {
                await call(user, server);
              }
            }
            expect(leaks()).toEqual([]);
          },
        ),
        { numRuns: 20 },
      );
      const answered = answers.filter(({ account }) => account !== undefined);
      expect(answered.length).toBeGreaterThan(20);
      // The authorization server would have ended the grant.
      expect(world.as.reused).toBe(0);
    });
  },
);

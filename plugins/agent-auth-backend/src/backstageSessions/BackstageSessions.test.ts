import { setTimeout as sleep } from 'node:timers/promises';
import {
  mockCredentials,
  mockServices,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { migrate } from '../database/migrate';
import { AuthenticationError } from '@backstage/errors';
import { SecretBox } from '@prompt-corner/encryption';
import { UnsecuredJWT } from 'jose';
import { BackstageSessions } from './BackstageSessions';
import type { BackstageSignIn } from './BackstageSignIn';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

/** An auth backend whose refresh tokens work once. */
class FakeSignIn {
  valid = new Set<string>();
  revoked: string[] = [];
  #next = 0;

  constructor(private readonly delayMs: number) {}

  async signIn() {
    return this.#tokens();
  }

  async refresh(token: string) {
    await sleep(this.delayMs);
    if (!this.valid.delete(token)) {
      throw new AuthenticationError('used before');
    }
    return this.#tokens();
  }

  async revoke(token: string) {
    this.revoked.push(token);
  }

  #tokens() {
    const refreshToken = `refresh-${this.#next++}`;
    this.valid.add(refreshToken);
    return {
      refreshToken,
      // About to expire, so each use has to renew it.
      userToken: new UnsecuredJWT({}).setExpirationTime('1s').encode(),
    };
  }
}

describe.each(databases.eachSupportedId())(
  'BackstageSessions on %s',
  databaseId => {
    async function create(delayMs: number) {
      const database = await databases.init(databaseId);
      await migrate(database);
      const signIn = new FakeSignIn(delayMs);
      const auth = mockServices.auth.mock({
        authenticate: async () => mockCredentials.user(),
      });
      const replica = () =>
        new BackstageSessions({
          database,
          box: new SecretBox([{ id: 'k', secret: 'a secret of this test' }], {
            purpose: 'agent-auth',
            configKey: 'agentAuth.encryption.keys',
          }),
          signIn: signIn as unknown as BackstageSignIn,
          auth,
        });
      return { database, signIn, replica };
    }

    it('lets replicas take turns, as a refresh token works once', async () => {
      const { signIn, replica } = await create(50);
      const [a, b] = [replica(), replica()];
      await a.establish('ada', mockCredentials.user());
      const answers = await Promise.all(
        [a, b, a, b].map(sessions => sessions.credentialsOf('ada')),
      );
      expect(answers).toHaveLength(4);
      expect(signIn.valid.size).toBe(1);
      await b.credentialsOf('ada');
    });

    it('holds up nobody else while the auth backend is slow', async () => {
      const { database, replica } = await create(2_000);
      const sessions = replica();
      const users = Array.from({ length: 15 }, (_, index) => `user-${index}`);
      for (const user of users) {
        await sessions.establish(user, mockCredentials.user());
      }
      const renewals = Promise.all(
        users.map(user => sessions.credentialsOf(user)),
      );
      await sleep(200);
      const started = Date.now();
      await database('connections').first();
      expect(Date.now() - started).toBeLessThan(500);
      await renewals;
    });

    it('forgets a session that has ended, and ends one that nothing uses', async () => {
      const { database, signIn, replica } = await create(0);
      const sessions = replica();
      await sessions.establish('ada', mockCredentials.user());
      signIn.valid.clear();
      await expect(sessions.credentialsOf('ada')).rejects.toThrow(
        AuthenticationError,
      );
      await expect(sessions.credentialsOf('ada')).rejects.toThrow(
        /Connect the client again/,
      );

      await sessions.establish('linus', mockCredentials.user());
      const [token] = signIn.valid;
      await sessions.endUnused();
      expect(await database('backstage_sessions')).toHaveLength(1);
      await database('backstage_sessions').update({
        updated_at: new Date(Date.now() - 60_000),
      });
      await sessions.endUnused();
      expect(await database('backstage_sessions')).toHaveLength(0);
      expect(signIn.revoked).toEqual([token]);
    });
  },
);

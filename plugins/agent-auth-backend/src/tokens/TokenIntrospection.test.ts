import { randomBytes } from 'node:crypto';
import { migrate } from '../database/migrate';
import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { hashToken } from '@prompt-corner/plugin-agent-auth-node';
import { Connections, ConnectionStore } from '../connections';
import { OAuthRecords } from '../records/OAuthRecords';
import type { Residents } from '../residents/Residents';
import { Revocations } from '../revocations/Revocations';
import { TokenIntrospection } from './TokenIntrospection';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });
const AUDIENCE = 'https://portal.example.com/api/catalog-mcp/v1';

describe.each(databases.eachSupportedId())(
  'TokenIntrospection on %s',
  databaseId => {
    async function create() {
      const database = await databases.init(databaseId);
      await migrate(database);
      const revocations = new Revocations({ database });
      const records = new OAuthRecords({ database, revocations });
      const store = new ConnectionStore({ database });
      const connections = new Connections({
        database,
        store,
        records,
        revocations,
      });
      const absent = new Set<string>();
      const introspection = new TokenIntrospection({
        database,
        connections: store,
        revocations,
        logger: mockServices.logger.mock(),
        residents: {
          prefetch: async () => {},
          find: async (uuid: string) => {
            if (absent.has(uuid)) {
              throw new Error('The catalog does not answer');
            }
            return {
              kind: 'user',
              uuid,
              entityRef: 'user:default/ada',
              teams: [],
              systems: [],
              domains: [],
            };
          },
        } as unknown as Residents,
      });
      const issue = async (principal: string) => {
        const connection = await connections.create({
          name: 'x',
          principal,
          client: { id: 'c', name: 'C', origin: 'registered' },
          grantType: 'personal_token',
          resources: [
            { audience: AUDIENCE, kind: 'catalog', scopes: ['catalog:read'] },
          ],
          limits: {},
          claims: {},
          lifetimeSeconds: 3600,
        });
        const token = randomBytes(32).toString('base64url');
        await records.adapterOf('AccessToken').upsert(
          token,
          {
            grantId: connection.id,
            aud: AUDIENCE,
            scope: 'catalog:read tools:write',
            exp: Math.floor(Date.now() / 1000) + 60,
          },
          60,
        );
        return token;
      };
      return { introspection, issue, absent };
    }

    it('tells of each token what its connection still has, and of the others nothing', async () => {
      const { introspection, issue, absent } = await create();
      const [good, unlucky] = [await issue('p1'), await issue('p2')];
      absent.add('p2');
      const { items } = await introspection.introspect(
        [good, 'unknown', unlucky].map(hashToken),
      );
      expect(items).toEqual([
        expect.objectContaining({
          scopes: ['catalog:read'],
          hash: hashToken(good),
        }),
        null,
        { unavailable: true },
      ]);
    });

    it('takes as long for a token that is almost right as for one that is all wrong', async () => {
      const { introspection, issue } = await create();
      const token = await issue('p');
      const almost = () => token.slice(0, -2) + randomBytes(1).toString('hex');
      const wrong = () => randomBytes(32).toString('base64url');
      const times: Record<'almost' | 'wrong', number[]> = {
        almost: [],
        wrong: [],
      };
      // In turns, so that whatever else the machine does hits both alike.
      for (let round = 0; round < 400; round++) {
        for (const [kind, make] of [
          ['almost', almost],
          ['wrong', wrong],
        ] as const) {
          const guess = make();
          const started = performance.now();
          await introspection.introspect([hashToken(guess)]);
          times[kind].push(performance.now() - started);
        }
      }
      const median = (values: number[]) =>
        values.sort((a, b) => a - b)[values.length / 2];
      const ratio = median(times.almost) / median(times.wrong);
      expect(ratio).toBeGreaterThan(0.5);
      expect(ratio).toBeLessThan(2);
    });
  },
);

import { randomUUID } from 'node:crypto';
import { TestDatabases } from '@backstage/backend-test-utils';
import { SecretBox } from '@prompt-corner/encryption';
import { migrate } from '../database/migrate';
import { ClientMessages } from './ClientMessages';
import { PausedCalls } from './PausedCalls';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

describe.each(databases.eachSupportedId())(
  'a call that waits for its client on %s',
  databaseId => {
    it('is over for the client when the replica that made it has ended', async () => {
      const database = await databases.init(databaseId);
      await migrate(database);
      const sealer = new SecretBox(
        [{ id: 'k', secret: 'secret of these tests' }],
        { purpose: 'messages', configKey: 'mcpPortal.encryption.keys' },
      );
      const calls = () =>
        new PausedCalls({ messages: new ClientMessages({ database, sealer }) });
      const owner = randomUUID();
      const { signal } = new AbortController();
      const alive = calls();
      const step = await alive.start(
        owner,
        async ask => ({ answer: await ask({ method: 'elicitation/create' }) }),
        signal,
      );
      expect(step).toMatchObject({ kind: 'question', number: 1 });
      const { id } = step as { id: string };
      await expect(
        calls().resume(owner, { id, question: 1 }, { yes: true }, signal),
      ).resolves.toMatchObject({ result: { answer: { yes: true } } });

      const lost = { id: randomUUID(), question: 1 };
      await expect(
        calls().resume(owner, lost, { yes: true }, signal),
      ).rejects.toThrow('make it again');
    });
  },
);

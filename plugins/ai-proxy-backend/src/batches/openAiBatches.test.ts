import { TestDatabases } from '@backstage/backend-test-utils';
import {
  ALICE,
  fileForm,
  startStored,
  TestProxy,
} from '../stored/__testUtils__/startStored';
import {
  answered,
  CONFIG,
  counted,
  line,
  refusalOf,
  untilCounted,
} from './__testUtils__/batchFixture';

describe('batches of OpenAI', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

  describe.each(databases.eachSupportedId())('%p', databaseId => {
    let proxy: TestProxy;
    let other: TestProxy;

    beforeAll(async () => {
      proxy = await startStored({
        database: await databases.init(databaseId),
        config: CONFIG,
      });
      other = await proxy.replica();
    });
    beforeEach(async () => {
      proxy.reset();
      other.reset();
      await proxy.database('model_batches').delete();
    });
    afterAll(async () => {
      await other.stop();
      await proxy.stop();
    });

    const upload = async (
      content: string,
      user: 'alice' | 'bob' = 'alice',
      form = fileForm(content, { purpose: 'batch' }, 'requests.jsonl'),
    ) => proxy.as(user, 'POST', '/openai/v1/files', form);
    const submit = (
      fileId: string,
      user: 'alice' | 'bob' = 'alice',
      changes: object = {},
    ) =>
      proxy.as(user, 'POST', '/openai/v1/batches', {
        input_file_id: fileId,
        endpoint: '/v1/responses',
        completion_window: '24h',
        ...changes,
      });
    const begin = async (...lines: string[]) => {
      const file = await (await upload(lines.join('\n'))).json();
      return (await submit(file.id)).json();
    };

    it('send each line as if it came by itself', async () => {
      const response = await upload(
        `\uFEFF${line('a', {}, { user: 'alice@example.com' })}\r\n\n${line(
          'b',
          {},
          { input: `key ghp_${'a1B2c3D4e5F6'.repeat(3)}` },
        )}`.slice(1),
      );
      expect(response.status).toBe(200);
      const [{ body }] = proxy.provider.askedFor('POST', '/v1/files');
      expect(body).toContain('name="purpose"\r\n\r\nbatch\r\n');
      expect(body).toContain('filename="requests.jsonl"');
      const lines = body
        .split('\r\n')
        .find(part => part.startsWith('{'))!
        .split('\n');
      expect(lines).toHaveLength(3);
      expect(JSON.parse(lines[0])).toEqual({
        custom_id: 'a',
        method: 'POST',
        url: '/v1/responses',
        body: {
          model: 'gpt-x',
          input: 'Hello',
          max_output_tokens: 50,
          user: ALICE,
          safety_identifier: ALICE,
          store: false,
        },
      });
      expect(body).not.toContain('ghp_');
    });

    it('are kept back whole for one line that may not be sent, which is named', async () => {
      proxy.denied.add('forbidden');
      for (const [odd, expected] of [
        [line('b', {}, { model: 'forbidden' }), '403 Request "b": Policy'],
        [
          line('b', {}, { input: 'Zeus' }),
          '400 Request "b": The request was not sent: it has',
        ],
        [line('b', {}, { background: true }), '400 Request "b": Background'],
        [
          line('b', {}, { previous_response_id: 'r' }),
          '400 Request "b": "prev',
        ],
        [
          line('b', {}, { input: [{ content: [{ file_id: 'file_x' }] }] }),
          '404 No file with the id "file_x"',
        ],
        [line('b', { method: 'DELETE' }), '400 Line 2 has the method'],
        [line('b', { url: '/v1/files' }), '400 Line 2 has the method'],
        [line('b', { url: '/v1/../v1/x' }), '400 Line 2 has the method'],
        [line('b', { url: '/v1/embeddings' }), '400 Line 2 is for'],
        [line('a'), '400 Line 2 has the "custom_id" of another'],
        ['{"custom_id":', '400 Line 2 is no JSON object'],
      ]) {
        const response = await upload([line('a'), odd, line('c')].join('\n'));
        await expect(refusalOf(proxy, response)).resolves.toContain(expected);
      }
    });

    it('take files that were checked, of their owner', async () => {
      const file = await (await upload(line('a'))).json();
      expect((await submit(file.id, 'bob')).status).toBe(404);
      const endpoint = await submit(file.id, 'alice', {
        endpoint: '/v1/chat/completions',
      });
      expect(endpoint.status).toBe(400);
      const twice = await proxy.as(
        'alice',
        'POST',
        '/openai/v1/batches',
        `{"input_file_id":"${file.id}","endpoint":"/v1/responses","input_file_id":"x"}`,
      );
      expect(twice.status).toBe(400);
      proxy.denied.add('gpt-x');
      expect((await submit(file.id)).status).toBe(403);
      proxy.denied.clear();
      proxy.denied.add('use_batches of openai');
      expect((await submit(file.id)).status).toBe(403);
      expect((await upload(line('a'))).status).toBe(403);
      proxy.denied.clear();
      expect((await submit(file.id)).status).toBe(200);
      const pdf = await upload('', 'alice', fileForm(line('a')));
      const unchecked = await submit((await pdf.json()).id);
      expect(unchecked.status).toBe(400);
      expect(await unchecked.text()).toContain('not checked');
    });

    it('take files whose purpose comes behind the content', async () => {
      const form = new FormData();
      form.append('file', new Blob([line('a')]), 'a.jsonl');
      form.append('purpose', 'batch');
      const file = await (await upload('', 'alice', form)).json();
      expect((await submit(file.id)).status).toBe(200);
    });

    it('are not told their purpose twice', async () => {
      const form = fileForm(line('a'), { purpose: 'batch' });
      form.append('purpose', 'user_data');
      await expect(
        upload('', 'alice', form).then(one => refusalOf(proxy, one)),
      ).resolves.toContain('400 The form has the field "purpose" twice');
    });

    it('have results for their owner, which count once', async () => {
      const batch = await begin(line('a'), line('b'), line('c'));
      const output = proxy.provider.finish(batch.id, [
        answered('a', 10, 5),
        answered('b', 20, 7),
        { custom_id: 'c', response: { status_code: 429, body: {} } },
      ]);
      const content = `/openai/v1/files/${output}/content`;
      // Before anybody was told of it.
      expect((await proxy.as('alice', 'GET', content)).status).toBe(404);
      const path = `/openai/v1/batches/${batch.id}`;
      expect((await other.as('bob', 'GET', path)).status).toBe(404);
      const told = await (await other.as('alice', 'GET', path)).json();
      expect(told.output_file_id).toBe(output);
      expect((await proxy.as('bob', 'GET', content)).status).toBe(404);
      for (const replica of [proxy, other, proxy]) {
        const response = await replica.as('alice', 'GET', content);
        expect((await response.text()).split('\n')).toHaveLength(4);
        await untilCounted(proxy, 1);
      }
      expect(counted(proxy, other)).toMatchObject([
        {
          operation: 'openai-responses',
          tokens: { inputTokens: 10, outputTokens: 5 },
        },
        { tokens: { inputTokens: 20, outputTokens: 7 } },
        { outcome: 'rejected', costNanoUsd: 0 },
      ]);
      await proxy.stored.tasks.settleBatches();
      expect(proxy.reservations).toMatchObject([
        { settled: { tokens: 42, requests: 3 } },
      ]);
    });

    it('that end without results cost nothing', async () => {
      const { id } = await begin(line('a'));
      proxy.provider.objects.get(id)!.status = 'failed';
      await proxy.database('model_batches').update({ check_at_ms: 0 });
      await expect(proxy.stored.tasks.collectBatches()).resolves.toBe(1);
      expect(proxy.reservations).toMatchObject([
        { settled: { nanoUsd: 0, tokens: 0, requests: 0 } },
      ]);
      expect(counted(proxy)).toEqual([]);
    });
  });
});

import { randomUUID } from 'node:crypto';
import { AnyClient, connectClient } from '../__testUtils__/connectClient';
import {
  EverythingServer,
  EverythingTool,
  startEverythingServer,
} from '../__testUtils__/everything';
import { form } from '../__testUtils__/everything/questions';
import { addUser, askAs, auditRecords } from '../__testUtils__/pages';
import { startPortal, TestPortal } from '../__testUtils__/startPortal';
import { ANY_RESULT } from '../upstreams';

jest.setTimeout(60_000);

/** Shaped as a real one. */
const SECRET = `ghp_${'x9Kq2mV7pLwR4tYzB8nC'.repeat(2).slice(0, 36)}`;

/** Such as a client sends it. */
const errorOf = (message: string, data?: unknown) =>
  Object.assign(new Error(message), { code: -32000, data });

describe.each(['v1', 'v2 legacy'] as const)(
  'an error with which a %s client answers the question of a server',
  kind => {
    let server: EverythingServer;
    let portal: TestPortal;
    let client: AnyClient | undefined;
    /** As they came to the server. */
    const received: Array<{ code: number; message: string; data?: unknown }> =
      [];
    const asks: EverythingTool = {
      name: 'asks',
      description: 'Asks, and goes on whatever is answered',
      inputSchema: { type: 'object' },
      run: async (_, ctx) => {
        await ctx.mcpReq
          .send(form('Who are you?', {}), ANY_RESULT)
          .catch(({ code, message, data }) => {
            received.push({ code, message, data });
          });
        return { content: [{ type: 'text', text: 'done' }] };
      },
    };

    beforeAll(async () => {
      server = await startEverythingServer({ eras: ['legacy'], tools: [asks] });
      portal = await startPortal({
        servers: { old: server.url },
        config: {
          policy: {
            policies: '@id("all") permit (principal, action, resource);',
          },
        },
      });
    });

    beforeEach(() => {
      received.length = 0;
    });

    afterEach(async () => {
      await client?.close();
      client = undefined;
    });

    afterAll(async () => {
      await portal?.stop();
      await server?.stop();
    });

    /** Calls, and answers the question with what this throws. */
    const call = async (
      uuid: string,
      answer: () => never | Promise<never>,
    ): Promise<string> => {
      client = await connectClient({
        kind,
        url: portal.endpoint(),
        token: portal.tokenOf({ uuid }),
        answer,
      });
      return client
        .request('tools/call', { name: 'old_asks', arguments: {} })
        .then(
          result => JSON.stringify(result),
          error => error.message,
        );
    };

    it('reaches it', async () => {
      const told = await call(randomUUID(), () => {
        throw errorOf('I have no time', { until: 'noon' });
      });
      expect(told).toContain('done');
      expect(received).toEqual([
        {
          code: -32000,
          message: expect.stringContaining('I have no time'),
          data: { until: 'noon' },
        },
      ]);
    });

    it.each([
      ['message', () => errorOf(`Not with ${SECRET}`)],
      ['data', () => errorOf('No', { token: SECRET })],
    ])('reaches it not with a secret in its %s', async (_, error) => {
      const uuid = randomUUID();
      await call(uuid, () => {
        throw error();
      });
      expect(received).toEqual([
        {
          code: -32600,
          message: expect.stringContaining('does not pass this answer on'),
          data: undefined,
        },
      ]);
      const [{ findings }] = await auditRecords(
        portal,
        `action=tools/call&caller=${uuid}`,
      );
      expect(findings).toEqual([
        expect.objectContaining({
          detector: 'secret.github-token',
          action: 'block',
          direction: 'argument',
        }),
      ]);
    });

    it('lets no call go on that may not any more', async () => {
      const boss = addUser(portal, 'boss', randomUUID(), [
        'group:default/platform-team',
      ]);
      const told = await call(randomUUID(), async () => {
        const path = '/servers/old/suspend';
        expect((await askAs(portal, boss, 'POST', path, {})).status).toBe(200);
        throw errorOf('I have no time');
      });
      expect(told).not.toContain('done');
      expect(told).toContain('There is no tool');
    });
  },
);

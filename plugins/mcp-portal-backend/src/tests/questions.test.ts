import { randomUUID } from 'node:crypto';
import {
  EverythingServer,
  startEverythingServer,
} from '../__testUtils__/everything';
import { connectClient } from '../__testUtils__/connectClient';
import { addUser, askAs } from '../__testUtils__/pages';
import {
  beginSession,
  clientHeaders,
  modernRpc,
  send,
} from '../__testUtils__/rawRequests';
import { startOriginalPortal } from '../__testUtils__/startOriginalPortal';
import { startPortal, TestPortal } from '../__testUtils__/startPortal';

jest.setTimeout(30_000);

const SERVERS = ['old', 'new'] as const;
const ASKS = 'test_input_required_result_multi_round';

/** What somebody answers to whatever they are asked. */
const saying = (word: string) => ({
  action: 'accept',
  content: { name: word, color: word },
});

describe('what a server asks in the middle of a call', () => {
  const servers: Record<string, EverythingServer> = {};
  let portal: TestPortal;
  let ada: string;
  let mallory: string;

  beforeAll(async () => {
    servers.old = await startEverythingServer({ eras: ['legacy'] });
    servers.new = await startEverythingServer({ eras: ['modern'] });
    portal = await startOriginalPortal({
      old: servers.old.url,
      new: servers.new.url,
    });
    ada = portal.tokenOf({ uuid: randomUUID(), connectionId: randomUUID() });
    mallory = portal.tokenOf({
      uuid: randomUUID(),
      connectionId: randomUUID(),
    });
  });

  afterAll(async () => {
    await portal?.stop();
    await Promise.all(Object.values(servers).map(server => server.stop()));
  });

  describe.each(SERVERS)('by a client of 2026-07-28 (%s server)', server => {
    const call = (
      token: string,
      more: object = {},
      { name = ASKS, args = {}, at = server as string } = {},
    ) => callTool(portal.endpoint(at), token, name, args, more);
    /** Gives what has to be sent to go on. */
    const begin = async (token: string) => {
      const { result } = await call(token);
      expect(result.resultType).toBe('input_required');
      return result as {
        inputRequests: Record<string, object>;
        requestState: string;
      };
    };
    const answered = (
      asked: Awaited<ReturnType<typeof begin>>,
      word: string,
    ) => ({
      requestState: asked.requestState,
      inputResponses: Object.fromEntries(
        Object.keys(asked.inputRequests).map(key => [key, saying(word)]),
      ),
    });
    const REFUSED = {
      code: -32602,
      message: 'Invalid or expired requestState',
      data: { reason: 'invalid_request_state' },
    };

    it('is answered by nobody else, and still by who was asked', async () => {
      const asked = await begin(ada);
      const stolen = await call(mallory, answered(asked, 'mallory'));
      expect(stolen.error).toEqual(REFUSED);

      const second = await call(ada, answered(asked, 'ada'));
      const { result } = await call(ada, answered(second.result, 'red'));
      expect(result.content).toEqual([{ type: 'text', text: 'ada likes red' }]);
    });

    it('is answered for this call only: same tool, arguments and portal', async () => {
      const asked = await begin(ada);
      const answer = answered(asked, 'ada');
      for (const other of [
        { args: { a: 1 } },
        { name: 'test_input_required_result_elicitation' },
        { at: server === 'old' ? 'new' : 'old' },
      ]) {
        const { error } = await call(ada, answer, other);
        expect([other, error]).toEqual([other, REFUSED]);
      }
    });

    it('is answered with nothing that was made up or changed', async () => {
      const asked = await begin(ada);
      const { requestState } = asked;
      const middle = requestState.length >> 1;
      const other = requestState[middle] === 'A' ? 'B' : 'A';
      for (const state of [
        `${requestState.slice(0, middle)}${other}${requestState.slice(
          middle + 1,
        )}`,
        requestState.slice(0, -1),
        `${requestState}A`,
        requestState.split('').reverse().join(''),
        Buffer.from('{"approvalId":"1"}').toString('base64url'),
        'x',
        'x'.repeat(100_000),
      ]) {
        const { error } = await call(ada, {
          ...answered(asked, 'ada'),
          requestState: state,
        });
        expect(error).toEqual(REFUSED);
      }
    });

    it('is not answered later than in a quarter of an hour', async () => {
      const asked = await begin(ada);
      const later = Date.now() + 15 * 60_000 + 1;
      const clock = jest.spyOn(Date, 'now').mockImplementation(() => later);
      try {
        const { error } = await call(ada, answered(asked, 'ada'));
        expect(error).toEqual(REFUSED);
      } finally {
        clock.mockRestore();
      }
    });

    it('tells the client nothing of what the portal or the server remember', async () => {
      const { requestState } = await begin(ada);
      for (const part of requestState.split(/[^\w-]/)) {
        expect(Buffer.from(part, 'base64url').toString()).not.toMatch(
          /nonce|upstream|paused|round|portal/,
        );
      }
    });
  });

  it('is answered once, where the call goes on in the portal: whoever comes again is told at once', async () => {
    const call = (more: object = {}) =>
      callTool(portal.endpoint('old'), ada, ASKS, {}, more);
    const { result: asked } = await call();
    const answer = (word: string) => ({
      requestState: asked.requestState,
      inputResponses: { question: saying(word) },
    });
    const outcomes = await Promise.all([
      call(answer('one')),
      call(answer('two')),
      call(answer('three')),
    ]);
    const taken = outcomes.filter(({ result }) => result);
    expect(taken).toHaveLength(1);
    expect((await call(answer('four'))).error).toMatchObject({
      data: { reason: 'invalid_request_state' },
    });
    const { result } = await call({
      requestState: taken[0].result.requestState,
      inputResponses: { question: saying('red') },
    });
    expect(result.content[0].text).toMatch(/^(one|two|three) likes red$/);
  });

  it.each(SERVERS)(
    'is answered by nobody else, by a client with a session (%s server)',
    async server => {
      const url = portal.endpoint(server);
      const others = [
        { token: mallory, session: await beginSession(url, mallory) },
        { token: mallory },
        { token: ada, session: await beginSession(url, ada) },
        { token: ada },
      ];
      const answers: Array<[number, string]> = [];
      const answer = async (
        body: string,
        by: { token: string; session?: string },
      ) => {
        const { status, text } = await send(url, {
          headers: {
            ...clientHeaders(by.token),
            ...(by.session && { 'mcp-session-id': by.session }),
          },
          body: body.replaceAll('"ada"', '"mallory"'),
        });
        answers.push([status, text]);
      };
      const client = await connectClient({
        kind: 'v1',
        url,
        token: ada,
        answer: () => saying('ada'),
        fetch: async (to, init) => {
          const body = String(init?.body ?? '');
          if (body.includes('"action"')) {
            const own = new Headers(init?.headers).get('mcp-session-id')!;
            for (const other of [...others, { token: mallory, session: own }]) {
              await answer(body, other);
            }
          }
          return fetch(to, init);
        },
      });
      const result = await client.request('tools/call', {
        name: ASKS,
        arguments: {},
      });

      expect(result.content[0].text).toBe('ada likes ada');
      // Nobody is told more than that the message arrived, or that there is no such session.
      const told = [
        ...others.map(() => [202, '']),
        [404, expect.stringContaining('no such session')],
      ];
      expect(answers).toEqual([...told, ...told]);
      await client.close();
    },
  );

  it('is not answered to a server that was suspended before the user answered', async () => {
    const url = portal.endpoint('old');
    const { result: asked } = await callTool(url, ada, ASKS, {}, {});
    const boss = addUser(portal, 'boss', randomUUID(), [
      'group:default/platform-team',
    ]);
    const suspended = await askAs(
      portal,
      boss,
      'POST',
      '/servers/old/suspend',
      {},
    );
    expect(suspended.status).toBe(200);
    const { error } = await callTool(
      url,
      ada,
      ASKS,
      {},
      {
        requestState: asked.requestState,
        inputResponses: { question: saying('red') },
      },
    );
    // It would ask further.
    expect(error.message).toContain('There is no tool');
  });
});

describe('a question after an approval', () => {
  let server: EverythingServer;
  let portal: TestPortal;

  beforeAll(async () => {
    server = await startEverythingServer({ eras: ['modern'] });
    portal = await startPortal({
      servers: { new: server.url },
      config: {
        calls: { hold: { seconds: 20 } },
        guardrails: { actions: [{ action: 'flag' }] },
        policy: {
          policies: `@id("ask") @approval("group:default/platform-team")
            permit (principal, action == Action::"call_tool", resource);`,
        },
      },
    });
  });

  afterAll(async () => {
    await portal?.stop();
    await server?.stop();
  });

  it('is answered once: what was approved is made once', async () => {
    const boss = addUser(portal, 'boss', randomUUID(), [
      'group:default/platform-team',
    ]);
    const token = portal.tokenOf({ uuid: randomUUID() });
    const call = (more: object = {}) =>
      callTool(portal.endpoint(), token, `new_${ASKS}`, {}, more);
    const pending = async () =>
      (await askAs(portal, boss, 'GET', '/approvals?state=pending')).body.items;
    const waiting = call();
    while (!(await pending()).length) {
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    const [{ id }] = await pending();
    await askAs(portal, boss, 'POST', `/approvals/${id}/decide`, {
      decision: 'approve',
    });
    const { result: asked } = await waiting;
    const outcomes = await Promise.all(
      ['one', 'two', 'three'].map(word =>
        call({
          requestState: asked.requestState,
          inputResponses: { step1: saying(word) },
        }),
      ),
    );
    const taken = outcomes.filter(({ result }) => result);
    expect(taken).toHaveLength(1);
    const { result } = await call({
      requestState: taken[0].result.requestState,
      inputResponses: { step2: saying('red') },
    });
    expect(result.content[0].text).toMatch(/ likes red$/);
    // None of it asked an approver again.
    expect(await pending()).toEqual([]);
  });
});

/** One round of a call, by a client that can fill in forms. */
async function callTool(
  url: string,
  token: string,
  name: string,
  args: object,
  more: object,
) {
  const { headers, body } = modernRpc(
    'tools/call',
    { name, arguments: args, ...more },
    { elicitation: { form: {} } },
  );
  const { message } = await send(url, {
    headers: { ...clientHeaders(token), ...headers },
    body,
  });
  return message;
}

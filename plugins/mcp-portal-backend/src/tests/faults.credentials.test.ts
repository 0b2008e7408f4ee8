import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { FaultyServer, startFaultyServer } from '../__testUtils__/faultyServer';
import { auditRecords } from '../__testUtils__/pages';
import {
  clientHeaders,
  modernRpc,
  rpc,
  send,
} from '../__testUtils__/rawRequests';
import { recordingLogger } from '../__testUtils__/recordingLogger';
import { startPortal, TestPortal } from '../__testUtils__/startPortal';
import { startServer, TestServer } from '../__testUtils__/startServer';

jest.setTimeout(60_000);

const HEADER_SECRET = `planted-header-${randomUUID()}`;
const CLIENT_SECRET = `planted-client-${randomUUID()}`;

/** Modes by the name of the server that has it. */
const MODES = ['fixed', 'caller', 'own'] as const;

describe('a server that does not accept the credential any more', () => {
  const servers: Record<string, FaultyServer> = {};
  let tokens: TestServer;
  let portal: TestPortal;
  let tokenRequests = 0;
  let refusesTokens = false;
  /** Everything that was sent as a credential. */
  const sent = new Set<string>([HEADER_SECRET, CLIENT_SECRET]);
  const log = recordingLogger();

  /** A server that says more than it should. */
  const unauthorized = (credential: unknown) => (response: ServerResponse) => {
    response.writeHead(401, {
      'content-type': 'application/json',
      'www-authenticate': `Bearer error="invalid_token", error_description="${credential}"`,
    });
    response.end(
      JSON.stringify({
        jsonrpc: '2.0',
        id: null,
        error: { code: -32000, message: `Not a good token: ${credential}` },
      }),
    );
  };

  beforeAll(async () => {
    for (const mode of MODES) {
      servers[mode] = await startFaultyServer({}, [
        { name: 'work', annotations: { readOnlyHint: true } },
      ]);
    }
    tokens = await startServer((_, response) => {
      tokenRequests++;
      const accessToken = `planted-token-${randomUUID()}`;
      sent.add(accessToken);
      response.writeHead(refusesTokens ? 401 : 200, {
        'content-type': 'application/json',
      });
      response.end(
        JSON.stringify(
          refusesTokens
            ? { error: 'invalid_client', error_description: CLIENT_SECRET }
            : {
                access_token: accessToken,
                token_type: 'Bearer',
                expires_in: 3600,
              },
        ),
      );
    });
    const originOf = (mode: string) => new URL(servers[mode].url).origin;
    portal = await startPortal({
      servers: Object.fromEntries(MODES.map(mode => [mode, servers[mode].url])),
      logger: log.logger,
      config: {
        outbound: { trustedHosts: [new URL(tokens.url).host] },
        servers: {
          fixed: {
            credentials: {
              mode: 'header',
              origin: originOf('fixed'),
              headers: [
                { name: 'authorization', value: `Bearer ${HEADER_SECRET}` },
              ],
            },
          },
          caller: { credentials: { mode: 'caller-token' } },
          own: {
            credentials: {
              mode: 'client-credentials',
              origin: originOf('own'),
              tokenEndpoint: `${new URL(tokens.url).origin}/token`,
              client: { id: 'portal', secret: CLIENT_SECRET },
            },
          },
        },
      },
    });
  });

  beforeEach(() => {
    tokenRequests = 0;
    MODES.forEach(mode => {
      servers[mode].requests.length = 0;
      servers[mode].down = undefined;
    });
  });

  afterAll(async () => {
    await portal?.stop();
    await tokens?.stop();
    await Promise.all(Object.values(servers).map(server => server.stop()));
  });

  const call = async (
    mode: string,
    { era = 'modern', token = portal.tokenOf() } = {},
  ) => {
    const params = { name: `${mode}_work`, arguments: {} };
    const request =
      era === 'modern'
        ? modernRpc('tools/call', params)
        : { headers: {}, body: rpc('tools/call', params) };
    return send(portal.endpoint(), {
      headers: { ...clientHeaders(token), ...request.headers },
      body: request.body,
    });
  };
  const refuse = (mode: string) => {
    const server = servers[mode];
    server.down = response =>
      unauthorized(server.requests.at(-1)!.headers.authorization)(response);
  };
  const keepSent = () => {
    for (const mode of MODES) {
      for (const { headers } of servers[mode].requests) {
        sent.add(String(headers.authorization).replace('Bearer ', ''));
      }
    }
  };

  describe.each(MODES)('that is of the mode %s', mode => {
    it.each(['modern', 'legacy'])(
      'is told to the caller, without the credential (%s)',
      async era => {
        const token = portal.tokenOf({ uuid: randomUUID() });
        const good = await call(mode, { era, token });
        expect(good.message.result.isError).toBeFalsy();
        refuse(mode);
        const answer = await call(mode, { era, token });
        expect(answer.message.result).toMatchObject({
          isError: true,
          content: [
            {
              text: expect.stringMatching(
                `The server "${mode}" did not accept the credential`,
              ),
            },
          ],
        });
        keepSent();
        for (const secret of sent) {
          expect(JSON.stringify([answer.text, answer.headers])).not.toContain(
            secret,
          );
        }
        // As soon as it is accepted again, calls go on.
        servers[mode].down = undefined;
        const after = await call(mode, { era, token });
        expect(after.message.result.isError).toBeFalsy();
      },
    );

    it('makes no storm of requests, and does not count as a failure of the server', async () => {
      const token = portal.tokenOf({ uuid: randomUUID() });
      await call(mode, { token });
      const before = servers[mode].requests.length;
      const tokensBefore = tokenRequests;
      refuse(mode);
      const calls = 20;
      const answers = await Promise.all(
        Array.from({ length: calls }, () => call(mode, { token })),
      );
      for (const { text } of answers) {
        expect(text).toContain('did not accept the credential');
      }
      expect(servers[mode].requests.length - before).toBeLessThanOrEqual(
        2 * calls,
      );
      expect(tokenRequests - tokensBefore).toBeLessThanOrEqual(calls);
      keepSent();
    });
  });

  it('for which there is none: the authorization server refuses the portal', async () => {
    refuse('own');
    await call('own');
    refusesTokens = true;
    try {
      const { text, message } = await call('own');
      expect(message.result).toMatchObject({
        isError: true,
        content: [{ text: expect.stringContaining('An administrator has to') }],
      });
      expect(text).not.toContain(CLIENT_SECRET);
      expect(text).not.toContain('localhost');
      expect(text).not.toContain('127.0.0.1');
    } finally {
      refusesTokens = false;
    }
    expect(await auditRecords(portal, 'outcome=denied')).toContainEqual(
      expect.objectContaining({ server: 'own', stage: 'credential' }),
    );
  });

  it('is in no log and no audit record', async () => {
    const logged = log.text();
    const records = JSON.stringify(await auditRecords(portal));
    expect(sent.size).toBeGreaterThan(4);
    for (const secret of sent) {
      expect(logged).not.toContain(secret);
      expect(records).not.toContain(secret);
    }
  });
});

import { randomUUID } from 'node:crypto';
import { connectClient } from '../__testUtils__/connectClient';
import { addUser, askAs, auditRecords } from '../__testUtils__/pages';
import {
  clientHeaders,
  modernRpc,
  rpc,
  send,
} from '../__testUtils__/rawRequests';
import { startPortal, TestPortal } from '../__testUtils__/startPortal';
import { startToolServer, ToolServer } from '../__testUtils__/toolServer';

jest.setTimeout(60_000);

const APPROVER = randomUUID();

describe('The audit trail of a portal', () => {
  let tracker: ToolServer;
  let portal: TestPortal;
  beforeAll(async () => {
    tracker = await startToolServer([
      { name: 'get_issue', annotations: { readOnlyHint: true } },
      { name: 'create_issue' },
    ]);
    portal = await startPortal({
      servers: { tracker: tracker.url },
      config: {
        policy: {
          policies:
            '@id("all") permit (principal, action == Action::"call_tool", resource);',
        },
        portals: {
          default: {},
          team: { allow: ['group:default/team'] },
          slow: { rateLimit: { requests: 2, window: { minutes: 10 } } },
        },
      },
    });
  });
  afterAll(async () => {
    await portal?.stop();
    await tracker?.stop();
  });

  const recordsOf = (uuid: string) => auditRecords(portal, `caller=${uuid}`);

  it.each([
    ['v1', '2025-11-25'],
    ['v2', '2026-07-28'],
  ] as const)(
    'has each sign-in to it, of clients of either era: %s',
    async (kind, protocolVersion) => {
      const uuid = randomUUID();
      const client = await connectClient({
        kind,
        url: portal.endpoint(),
        token: portal.tokenOf({ uuid }),
      });
      await client.close();
      expect(await recordsOf(uuid)).toMatchObject([
        {
          action: 'session',
          outcome: 'ok',
          portal: 'default',
          protocolVersion,
          caller: {
            kind: 'user',
            uuid,
            clientName: expect.any(String),
            clientVersion: expect.any(String),
          },
        },
      ]);
    },
  );

  it('has who was not let in, once a minute, and no strangers', async () => {
    const uuid = randomUUID();
    const token = portal.tokenOf({ uuid });
    for (let i = 0; i < 3; i++) {
      const { status } = await send(portal.endpoint('team'), {
        headers: clientHeaders(token),
        body: rpc('tools/list', {}),
      });
      expect(status).toBe(403);
    }
    expect(await recordsOf(uuid)).toMatchObject([
      {
        action: 'session',
        outcome: 'denied',
        stage: 'admission',
        message: expect.stringContaining('not open to you'),
        portal: 'team',
      },
    ]);
    const before = await auditRecords(portal, 'portal=team');
    const stranger = await send(portal.endpoint('team'), {
      headers: clientHeaders(randomUUID()),
      body: rpc('tools/list', {}),
    });
    expect(stranger.status).toBe(401);
    expect(await auditRecords(portal, 'portal=team')).toEqual(before);
  });

  it('has each call that a token does not reach to, and counts it', async () => {
    const uuid = randomUUID();
    const token = portal.tokenOf({ uuid, scopes: new Set(['tools:read']) });
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++) {
      const { status } = await send(portal.endpoint('slow'), {
        headers: clientHeaders(token),
        body: rpc('tools/call', {
          name: 'tracker_create_issue',
          arguments: {},
        }),
      });
      statuses.push(status);
    }
    expect(statuses).toEqual([403, 403, 429, 429]);
    const scope = {
      action: 'tools/call',
      outcome: 'denied',
      stage: 'scope',
      message: expect.stringContaining('tools:write'),
      portal: 'slow',
      server: 'tracker',
      target: 'create_issue',
      toolClass: 'write',
      pin: expect.stringMatching(/^sha256:/),
    };
    expect(await recordsOf(uuid)).toMatchObject([
      { action: 'tools/call', outcome: 'denied', stage: 'rate-limit' },
      scope,
      scope,
    ]);
  });

  it('has calls that come too often once a minute, of each caller', async () => {
    const callers = [randomUUID(), randomUUID()];
    const call = async (uuid: string) => {
      const { headers, body } = modernRpc('tools/call', {
        name: 'tracker_get_issue',
        arguments: {},
      });
      const { message } = await send(portal.endpoint('slow'), {
        headers: { ...clientHeaders(portal.tokenOf({ uuid })), ...headers },
        body,
      });
      return message.result.content[0].text;
    };
    for (const uuid of callers) {
      for (let times = 0; times < 2; times++) {
        expect(await call(uuid)).toContain('get_issue');
      }
    }
    for (const uuid of [...callers, ...callers, ...callers]) {
      expect(await call(uuid)).toContain('Too many calls');
    }
    for (const uuid of callers) {
      expect(
        await auditRecords(portal, `caller=${uuid}&action=tools/call`),
      ).toMatchObject([
        {
          outcome: 'denied',
          stage: 'rate-limit',
          target: 'tracker_get_issue',
          portal: 'slow',
        },
        { outcome: 'ok' },
        { outcome: 'ok' },
      ]);
    }
  });

  it('has what the configuration and people decide on servers and definitions', async () => {
    const server = { server: 'tracker', portal: '', outcome: 'ok' };
    const config = { kind: 'service', clientId: 'config' };
    expect(await auditRecords(portal, 'action=server')).toMatchObject([
      {
        ...server,
        action: 'server',
        message: 'approve: draft to approved',
        caller: config,
      },
    ]);
    expect(
      (await auditRecords(portal, 'action=definition'))
        .map(record => record.target)
        .sort(),
    ).toEqual(['create_issue', 'get_issue']);

    const ada = addUser(portal, 'ada', APPROVER);
    const { body } = await askAs(
      portal,
      ada,
      'GET',
      '/servers/tracker/definitions',
    );
    const { kind, key, pin } = body.items[0];
    const approved = { kind, key, pin, toolClass: 'destructive' };
    const decide = (what: string, definitions?: object[]) =>
      askAs(portal, ada, 'POST', `/servers/tracker/${what}`, {
        ...(definitions && { definitions }),
      });
    await decide('definitions/approve', [approved]);
    await decide('definitions/reject', [{ kind, key, pin }]);
    await decide('suspend');
    await decide('resume');

    const records = await recordsOf(APPROVER);
    expect(records).toMatchObject(
      [
        { action: 'server', message: 'resume: suspended to approved' },
        { action: 'server', message: 'suspend: approved to suspended' },
        {
          action: 'definition',
          message: 'tool rejected',
          target: 'create_issue',
          pin,
        },
        {
          action: 'definition',
          message: 'tool approved',
          target: 'create_issue',
          toolClass: 'destructive',
          pin,
        },
      ].map(record => ({ ...server, ...record, caller: { kind: 'user' } })),
    );
    const { history } = (await askAs(portal, ada, 'GET', '/servers/tracker'))
      .body;
    expect(history).toMatchObject([
      { action: 'resume', by: APPROVER },
      { action: 'suspend', by: APPROVER },
      {
        action: 'reject-definitions',
        by: APPROVER,
        reason: 'tool create_issue',
      },
      {
        action: 'approve-definitions',
        by: APPROVER,
        reason: 'tool create_issue (destructive)',
      },
      {
        action: 'approve-definitions',
        by: 'config',
        reason: 'tool get_issue (read), tool create_issue (write)',
      },
      { action: 'approve', by: 'config' },
    ]);
  });
});

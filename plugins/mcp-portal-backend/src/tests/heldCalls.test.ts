import { randomUUID } from 'node:crypto';
import { addUser, askAs, auditRecords } from '../__testUtils__/pages';
import { clientHeaders, modernRpc, send } from '../__testUtils__/rawRequests';
import { startPortal, TestPortal } from '../__testUtils__/startPortal';
import { startToolServer, ToolServer } from '../__testUtils__/toolServer';

jest.setTimeout(60_000);

/**
 * The second keeps the tool in the list, whatever is granted. The others ask
 * somebody else as soon as something more is granted.
 */
const POLICIES = `
@id("ask")
@approval("group:default/platform-team")
permit (principal, action == Action::"call_tool", resource)
when { context.granted.contains(resource.class) };

@id("trial")
permit (principal, action == Action::"call_tool", resource)
when {
  context.arguments.flags.hasTag("trial") &&
  context.arguments.flags.getTag("trial")
};

@id("ask-the-team")
@approval("group:default/platform-team")
permit (principal, action == Action::"call_tool", resource)
when { resource.name == "move_issue" && !context.granted.contains(ToolClass::"read") };

@id("ask-the-owners")
@approval("group:default/owners")
permit (principal, action == Action::"call_tool", resource)
when { resource.name == "move_issue" && context.granted.contains(ToolClass::"read") };
`;

const LINUS = 'user:default/linus';

/** Asks the user something, each time. */
const asking = () => ({
  resultType: 'input_required',
  requestState: 'remembered',
  inputRequests: {
    sure: {
      method: 'elicitation/create',
      params: {
        mode: 'form',
        message: 'Sure?',
        requestedSchema: {
          type: 'object',
          properties: { sure: { type: 'boolean' } },
        },
      },
    },
  },
});

describe('what changes while a call waits', () => {
  let tracker: ToolServer;
  let portal: TestPortal;
  let boss: string;
  const linus = randomUUID();

  beforeAll(async () => {
    tracker = await startToolServer([
      { name: 'delete_issue' },
      { name: 'close_issue' },
      { name: 'move_issue' },
      { name: 'ask_first', run: asking },
    ]);
    portal = await startPortal({
      servers: { tracker: tracker.url },
      config: {
        // By default, what was granted is permitted without anybody's approval.
        policy: { default: false, policies: POLICIES },
        calls: { hold: { seconds: 20 } },
      },
    });
    boss = addUser(portal, 'boss', randomUUID(), [
      'group:default/platform-team',
      'group:default/owners',
    ]);
    addUser(portal, 'linus', linus);
    addUser(portal, 'approver', randomUUID());
  });

  beforeEach(() => {
    tracker.calls.length = 0;
  });

  afterAll(async () => {
    await portal?.stop();
    await tracker?.stop();
  });

  /** Asks as a user may. */
  const as = async (
    user: string,
    method: string,
    path: string,
    body?: object,
  ) => {
    const answer = await askAs(portal, user, method, path, body);
    if (answer.status >= 300) {
      throw new Error(`${path}: ${JSON.stringify(answer)}`);
    }
    return answer.body;
  };
  const approve = (id: string) =>
    as(boss, 'POST', `/approvals/${id}/decide`, { decision: 'approve' });

  /** Lets him call, when somebody approves the call. */
  const grant = async (
    toolClasses = ['write', 'destructive'],
  ): Promise<string> => {
    const { id } = await as(LINUS, 'POST', '/access-requests', {
      server: 'tracker',
      toolClasses,
      lifetimeSeconds: 3600,
      justification: 'To tidy up',
    });
    await approve(id);
    return (await as(LINUS, 'GET', '/access-grants')).items[0].id;
  };

  /** Changes the definition of a tool, and approves the change. */
  const change = async (name: string) => {
    tracker.tools.find(tool => tool.name === name)!.description = randomUUID();
    let status = 0;
    while (status !== 200) {
      // The server is asked by the portal itself as well.
      await new Promise(resolve => setTimeout(resolve, 200));
      const path = '/servers/tracker/sync';
      ({ status } = await askAs(portal, boss, 'POST', path, {}));
    }
    return async () => {
      const { items } = await as(
        boss,
        'GET',
        '/servers/tracker/definitions?status=quarantined',
      );
      await as(
        'user:default/approver',
        'POST',
        '/servers/tracker/definitions/approve',
        {
          definitions: items.map(({ kind, key, pin, pendingPin }: any) => ({
            kind,
            key,
            pin: pendingPin ?? pin,
            toolClass: 'write',
          })),
          acknowledgedFindings: true,
        },
      );
    };
  };

  const pendingId = async (): Promise<string> => {
    for (let tries = 0; tries < 200; tries++) {
      const { items } = await as(boss, 'GET', '/approvals?state=pending');
      if (items.length) {
        return items[0].id;
      }
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    throw new Error('Nothing waits for an approval');
  };

  /** Makes a call, and has it approved after something has happened. */
  const callMeanwhile = async (
    era: 'auto' | 'legacy',
    tool: string,
    meanwhile: () => Promise<unknown>,
  ) => {
    const client = await portal.connect({ uuid: linus }, { era });
    const outcome = client
      .callTool({
        name: `tracker_${tool}`,
        arguments: { id: randomUUID() },
      })
      .then(
        result => JSON.stringify(result),
        error => error.message,
      );
    const id = await pendingId();
    await meanwhile();
    await approve(id);
    const told = await outcome;
    await client.close();
    const [record] = await auditRecords(
      portal,
      `action=tools/call&target=${tool}`,
    );
    return {
      told,
      record,
      approval: await as(boss, 'GET', `/approvals/${id}`),
    };
  };

  describe.each(['auto', 'legacy'] as const)(
    'for a person (%s client)',
    era => {
      let granted: string;

      beforeEach(async () => {
        granted = await grant();
      });

      afterEach(async () => {
        await askAs(portal, LINUS, 'DELETE', `/access-grants/${granted}`);
      });

      it('is nothing: it goes on', async () => {
        const { approval } = await callMeanwhile(
          era,
          'close_issue',
          async () => {},
        );
        expect(tracker.calls).toHaveLength(1);
        expect(approval.state).toBe('used');
      });

      it('counts: what policy denies now is not called, and no approval is used up', async () => {
        const { told, record, approval } = await callMeanwhile(
          era,
          'close_issue',
          () => as(LINUS, 'DELETE', `/access-grants/${granted}`),
        );
        expect(tracker.calls).toEqual([]);
        expect(told).toContain('isError');
        expect(record).toMatchObject({
          outcome: 'denied',
          stage: 'policy',
          decision: { effect: 'deny' },
        });
        expect(approval.state).toBe('approved');
      });
    },
  );

  it.each([
    ['auto', 'and that nobody has approved since', 'There is no tool'],
    ['legacy', 'also when that was approved', 'has changed'],
  ] as const)(
    'for a person counts (%s client): a tool that changed is not called, %s',
    async (era, _, message) => {
      const granted = await grant();
      let approveChange = async () => {};
      const outcome = await callMeanwhile(era, 'delete_issue', async () => {
        approveChange = await change('delete_issue');
        if (era === 'legacy') {
          await approveChange();
        }
      });
      if (era === 'auto') {
        await approveChange();
      }
      expect(tracker.calls).toEqual([]);
      expect(outcome).toMatchObject({
        told: expect.stringContaining(message),
        record: { outcome: 'denied', stage: 'view' },
        approval: { state: 'approved' },
      });
      await as(LINUS, 'DELETE', `/access-grants/${granted}`);
    },
  );

  it('for a person counts: who was asked is not who has to approve it now', async () => {
    let granted = '';
    const { told, record, approval } = await callMeanwhile(
      'auto',
      'move_issue',
      async () => {
        granted = await grant(['read']);
      },
    );
    expect(tracker.calls).toEqual([]);
    expect(told).toContain('Who has to approve the call has changed');
    expect(record).toMatchObject({ outcome: 'denied', stage: 'approval' });
    // Made again, the call would ask the others.
    expect(approval).toMatchObject({
      state: 'approved',
      approvers: ['group:default/platform-team'],
    });
    expect(record.decision?.policies).toEqual(['ask-the-owners']);
    await as(LINUS, 'DELETE', `/access-grants/${granted}`);
  });

  it('for the user counts as well: a tool that changed is not called again with the answer', async () => {
    const granted = await grant();
    const token = portal.tokenOf({ uuid: linus });
    const call = async (more: object = {}) => {
      const { headers, body } = modernRpc(
        'tools/call',
        { name: 'tracker_ask_first', arguments: {}, ...more },
        { elicitation: { form: {} } },
      );
      const { message } = await send(portal.endpoint(), {
        headers: { ...clientHeaders(token), ...headers },
        body,
      });
      return message;
    };
    const waiting = call();
    await approve(await pendingId());
    const { result } = await waiting;
    expect(result.resultType).toBe('input_required');
    await (
      await change('ask_first')
    )();
    const { error } = await call({
      requestState: result.requestState,
      inputResponses: { sure: { action: 'accept', content: { sure: true } } },
    });
    expect(error.message).toContain('has changed');
    expect(tracker.calls).toHaveLength(1);
    await as(LINUS, 'DELETE', `/access-grants/${granted}`);
  });

  it('for a person counts: a server that was suspended is not called', async () => {
    await grant();
    const outcome = await callMeanwhile('auto', 'close_issue', () =>
      as(boss, 'POST', '/servers/tracker/suspend', {}),
    );
    expect(tracker.calls).toEqual([]);
    expect(outcome).toMatchObject({
      told: expect.stringContaining('There is no tool'),
      record: { outcome: 'denied', stage: 'view' },
      approval: { state: 'approved' },
    });
  });
});

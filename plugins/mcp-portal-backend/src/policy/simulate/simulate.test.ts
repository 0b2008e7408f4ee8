import type { AuditRecord } from '@prompt-corner/plugin-mcp-portal-common';
import { boundedRecord } from '../../audit/boundedRecord';
import { ada, engineOf, question } from '../__testUtils__/questions';
import type { PolicyAnswer } from '../PolicyAnswer';
import type { PolicyQuestion } from '../PolicyQuestion';
import { PolicyReplay } from './PolicyReplay';
import { PolicySimulator } from './PolicySimulator';

const POLICIES = `@id("read-tools")
permit (principal, action == Action::"call_tool", resource)
when { resource.class == ToolClass::"read" };

@id("held")
@approval("group:default/platform-team")
permit (principal, action == Action::"call_tool", resource)
when { resource.class != ToolClass::"destructive" };

@id("no-prod")
forbid (principal, action, resource)
when { context.arguments.text.hasTag("env") && context.arguments.text.getTag("env") == "prod" };`;

describe('a simulation', () => {
  const simulator = new PolicySimulator({ engine: engineOf(POLICIES) });

  it('tells what decides, what matches besides, and what would be listed', () => {
    const asked = question({ arguments: { env: 'prod' } });
    const tools = (['read', 'write', 'destructive'] as const).map(
      toolClass => ({ ...asked.target, name: `t-${toolClass}`, toolClass }),
    );
    expect(simulator.simulate({ question: asked, tools })).toMatchObject({
      effect: 'deny',
      deciding: [
        {
          id: 'no-prod',
          effect: 'forbid',
          source: 'mcpPortal.policy.policies',
          line: 10,
          text: expect.stringMatching(/^@id\("no-prod"\)[^]*};$/),
        },
      ],
      matching: [{ id: 'read-tools' }, { id: 'held' }, { id: 'no-prod' }],
      listed: true,
      listedTools: [{ name: 't-read' }, { name: 't-write' }],
    });
    expect(
      simulator.simulate({
        question: question({ target: { toolClass: 'write' } }),
      }),
    ).toMatchObject({
      effect: 'hold',
      approvers: ['group:default/platform-team'],
      deciding: [{ id: 'held', approvers: ['group:default/platform-team'] }],
    });
  });

  it('of a draft leaves the policies that decide as they are', () => {
    const asked = question({ target: { toolClass: 'destructive' } });
    const draft = '@id("all") permit (principal, action, resource);';
    expect(simulator.simulate({ question: asked, draft })).toMatchObject({
      effect: 'permit',
      deciding: [{ id: 'all', source: 'draft', line: 1 }],
    });
    expect(simulator.simulate({ question: asked }).effect).toBe('deny');
    expect(() =>
      simulator.simulate({ question: asked, draft: 'permit' }),
    ).toThrow(/draft:1: /);
    expect(simulator.simulate({ question: asked }).effect).toBe('deny');
  });
});

describe('a replay', () => {
  const engine = engineOf(POLICIES, { recordedArguments: ['env'] });

  function recordOf(
    { attributes, effect, policies }: PolicyAnswer,
    changes: Partial<AuditRecord> = {},
  ): AuditRecord {
    return {
      at: attributes.at,
      action: 'tools/call',
      outcome: 'ok',
      caller: { kind: 'user', uuid: ada.uuid, address: '203.0.113.7' },
      portal: attributes.portal,
      server: attributes.server.name,
      target: attributes.target,
      decision: { effect, policies },
      // As it comes out of a database.
      policyAttributes: JSON.parse(JSON.stringify(attributes)),
      ...changes,
    };
  }

  async function* recordsOf(
    questions: PolicyQuestion[],
    others: AuditRecord[] = [],
  ): AsyncGenerator<AuditRecord> {
    yield* questions.map(asked => recordOf(engine.decide(asked)));
    yield* others;
  }

  const replay = (
    draft: string,
    questions: PolicyQuestion[],
    others?: AuditRecord[],
  ) =>
    new PolicyReplay({ engine }).replay(recordsOf(questions, others), {
      draft,
    });

  const calls = [
    question({ arguments: { env: 'prod', token: 'x' } }),
    question({ arguments: { env: 'test', token: 'x' } }),
    question({ target: { toolClass: 'write' }, arguments: {} }),
    question({ target: { toolClass: 'destructive' } }),
  ];

  it('by the same policies finds no difference', async () => {
    await expect(replay(POLICIES, calls)).resolves.toEqual({
      decided: 4,
      same: 4,
      different: 0,
      unknown: 0,
      skipped: 0,
      differences: [],
    });
  });

  it('tells which calls a draft decides in another way, by recorded values of arguments', async () => {
    const draft = `@id("test-only") permit (principal, action, resource)
when { context.arguments.text.hasTag("env") && context.arguments.text.getTag("env") == "test" };`;
    await expect(replay(draft, calls)).resolves.toEqual({
      decided: 4,
      same: 3,
      different: 1,
      unknown: 0,
      skipped: 0,
      differences: [
        {
          at: '2026-11-18T12:00:00.000Z',
          caller: { kind: 'user', uuid: ada.uuid },
          portal: 'main',
          server: 'github',
          target: 'get_issue',
          before: 'hold',
          after: 'deny',
          reason: expect.stringContaining('No policy permits'),
        },
      ],
    });
  });

  it('says when it depends on values that were not recorded, and knows when it does not', async () => {
    const draft = `@id("all") permit (principal, action, resource);
@id("no-token") forbid (principal, action == Action::"call_tool", resource)
when { resource.class == ToolClass::"read" && context.arguments.text.hasTag("token") && context.arguments.text.getTag("token") like "s*" };`;
    const write = question({
      target: { toolClass: 'write' },
      arguments: { token: 'x' },
    });
    const { differences, ...counts } = await replay(draft, [...calls, write]);
    expect(counts).toMatchObject({ decided: 5, unknown: 2, different: 3 });
    expect(differences[0]).toMatchObject({
      after: 'unknown',
      reason: expect.stringMatching(/not recorded: token\..*recordedArguments/),
    });
    expect(differences.at(-1)).toMatchObject({
      before: 'hold',
      after: 'permit',
    });
  });

  it('does not know what it would be for a caller of whom the record has a part', async () => {
    const teams = Array.from({ length: 300 }, (_, i) => `group:default/t${i}`);
    const draft = `@id("last") permit (principal in Team::"group:default/t299", action, resource);`;
    const [cut, tooLong] = [
      teams,
      teams.map(team => team.padEnd(200, 'x')),
    ].map(given =>
      boundedRecord(
        recordOf(engine.decide(question({ caller: { teams: given } }))),
      ),
    );
    const { differences, ...counts } = await replay(draft, [], [cut, tooLong]);
    expect(counts).toMatchObject({ decided: 2, unknown: 2, skipped: 0 });
    expect(differences.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('a list was cut to 200'),
      expect.stringContaining('over the limit'),
    ]);
  });

  it('skips what policies did not decide', async () => {
    const answer = engine.decide(question());
    const unreadable = engine.decide(question({ arguments: { x: '\ud800' } }));
    const others = [
      recordOf(unreadable),
      recordOf(answer, { decision: undefined }),
      recordOf(answer, { policyAttributes: { of: 'another time' } }),
      recordOf(answer, { policyAttributes: undefined }),
    ];
    await expect(replay(POLICIES, [], others)).resolves.toMatchObject({
      decided: 0,
      skipped: 4,
    });
  });

  it('shows some differences, counts all, and says how to get the rest', async () => {
    const many = Array.from({ length: 600 }, () => question());
    const result = await replay('// nothing', many);
    expect(result).toMatchObject({ decided: 600, different: 600 });
    expect(result.differences).toHaveLength(500);
    expect(result.more).toMatch(/^100 more calls/);
  });

  it('stops when it takes too long, and says where', async () => {
    const result = await new PolicyReplay({ engine, maxDurationMs: 0 }).replay(
      recordsOf(calls),
      { draft: POLICIES },
    );
    expect(result).toMatchObject({
      decided: 0,
      more: expect.stringContaining('before the record of 2026-11-18T12'),
    });
  });

  it('runs alone in a process, and ends when nobody waits for it', async () => {
    const replays = new PolicyReplay({ engine });
    const gone = new AbortController();
    let goOn = () => {};
    const waiting = new Promise<void>(resolve => {
      goOn = resolve;
    });
    async function* slow() {
      await waiting;
      yield recordOf(engine.decide(question()));
    }
    const first = replays.replay(slow(), {
      draft: POLICIES,
      signal: gone.signal,
    });
    await expect(
      replays.replay(recordsOf([]), { draft: POLICIES }),
    ).rejects.toThrow(/Another replay is running/);
    gone.abort();
    goOn();
    await expect(first).rejects.toThrow(/abort/);
    await expect(
      replays.replay(recordsOf([]), { draft: POLICIES }),
    ).resolves.toMatchObject({ decided: 0 });
  });
});

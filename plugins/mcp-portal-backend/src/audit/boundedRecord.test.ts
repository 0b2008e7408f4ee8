import type { AuditRecord } from '@prompt-corner/plugin-mcp-portal-common';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { recordOf } from './__testUtils__/auditFixture';
import { boundedRecord } from './boundedRecord';

/** No record can be larger, whatever clients and servers send. */
const MAX_CHARACTERS = 64 * 1024;

describe('boundedRecord', () => {
  it('keeps a usual record as it is', () => {
    const record: AuditRecord = {
      at: '2026-11-21T08:00:00.000Z',
      action: 'tools/call',
      outcome: 'denied',
      stage: 'guardrails.arguments',
      message: 'An argument has a secret in it',
      caller: {
        kind: 'user',
        uuid: '00000000-0000-4000-8000-00000000000a',
        connectionId: '00000000-0000-4000-8000-0000000000c0',
        clientId: 'https://client.example/oauth.json',
        clientName: 'Клиент ✓',
        clientVersion: '2.1.0',
        address: '2001:db8::1',
      },
      protocolVersion: '2026-07-28',
      portal: 'main',
      server: 'github',
      target: 'create_issue',
      toolClass: 'write',
      pin: `sha256:${'0'.repeat(64)}`,
      decision: { effect: 'permit', policies: ['write-for-developers'] },
      policyAttributes: {
        caller: { teams: ['group:default/a'], claims: { authAgeSeconds: 1.5 } },
        arguments: { __proto__: null, project: true },
      },
      findings: [
        { detector: 'token', action: 'block', direction: 'argument', count: 1 },
      ],
      argumentDigest: `sha256:${'1'.repeat(64)}`,
      durationMs: 12.345,
      upstreamDurationMs: 0,
      requestBytes: 100,
      resultBytes: 0,
      estimatedResultTokens: 0,
      traceId: '2'.repeat(32),
      executionId: 'execution',
      approvalId: '00000000-0000-4000-8000-0000000000d0',
    };
    expect(boundedRecord(record)).toEqual(record);
  });

  it('drops what it does not know', () => {
    const record = {
      ...recordOf(),
      arguments: { password: 'hunter2' },
      caller: { ...recordOf().caller, token: 'secret' },
      decision: { effect: 'permit', policies: [], reason: 'secret' },
    } as unknown as AuditRecord;
    const json = JSON.stringify(boundedRecord(record));
    expect(json).not.toMatch(/hunter2|secret|password/);
  });

  it('cuts long text with a mark, and never through a character', () => {
    const { target, message } = boundedRecord(
      recordOf({ target: 'x'.repeat(600), message: '😀'.repeat(600) }),
    );
    expect(target).toBe(`${'x'.repeat(511)}…`);
    expect(message).toBe(`${'😀'.repeat(499)}…`);
  });

  it('replaces characters that nobody sees', () => {
    const { target, message } = boundedRecord(
      recordOf({
        target: 'a\nb\u0000c\u001b[31m',
        message: 'x\u202Eevil\u2066\u200B\u2028\u{E0041}\uD800',
      }),
    );
    expect(target).toBe('a\uFFFDb\uFFFDc\uFFFD[31m');
    expect(message).toMatch(/^x\uFFFDevil\uFFFD+$/);
  });

  it('leaves out policy attributes that are too large, rather than half of them', () => {
    const { policyAttributes } = boundedRecord(
      recordOf({
        policyAttributes: { teams: Array(200).fill('x'.repeat(500)) },
      }),
    );
    expect(policyAttributes).toEqual({
      omitted: expect.stringMatching(/^\d+ characters are over the limit$/),
    });
  });

  it('says which policy attributes are not as they were', () => {
    const bounded = (policyAttributes: Record<string, unknown>) =>
      boundedRecord(recordOf({ policyAttributes })).policyAttributes!;
    const lines = { argument: 'two\r\n\tlines' };
    expect(bounded(lines)).toEqual(lines);
    const teams = Array.from({ length: 201 }, (_, i) => `t${i}`);
    expect(bounded({ teams })).toEqual({
      teams: teams.slice(0, 200),
      omitted: 'a list was cut to 200',
    });
    expect(bounded({ a: 'x\u202E', ['b'.repeat(200)]: 1 })).toMatchObject({
      a: 'x\uFFFD',
      omitted: 'a text was cut, or characters of it replaced',
    });
    const deep = { a: { a: { a: { a: { a: { a: { a: { a: {} } } } } } } } };
    expect(bounded(deep).omitted).toBe(
      'what is nested too deeply was left out',
    );
  });

  it('makes canonical JSON of bounded size out of anything', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 3_000 }),
      fc.constant('\uDC00'.repeat(2_000)),
      fc.constant(undefined),
    );
    const record = fc.record({
      at: text,
      action: text,
      outcome: text,
      stage: text,
      message: text,
      caller: fc.record({ kind: text, uuid: text, address: text }),
      portal: text,
      server: text,
      target: text,
      decision: fc.option(
        fc.record({ effect: text, policies: fc.array(text) }),
        { nil: undefined },
      ),
      policyAttributes: fc.option(fc.dictionary(fc.string(), fc.anything()), {
        nil: undefined,
      }),
      findings: fc.option(
        fc.array(fc.record({ detector: text, count: fc.double() })),
        { nil: undefined },
      ),
      durationMs: fc.oneof(fc.double(), fc.constant(undefined)),
    });
    fc.assert(
      fc.property(record, input => {
        const bounded = boundedRecord(input as unknown as AuditRecord);
        const json = canonicalize(bounded)!;
        expect(json.length).toBeLessThan(MAX_CHARACTERS);
        expect(json).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
        expect(Number.isNaN(Date.parse(bounded.at))).toBe(false);
        expect(canonicalize(boundedRecord(bounded))).toBe(json);
      }),
      { numRuns: 300 },
    );
  });
});

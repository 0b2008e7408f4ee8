import type {
  AuditFinding,
  AuditRecord,
} from '@prompt-corner/plugin-mcp-portal-common';

/** Characters; columns of the database have the same widths. */
const MAX = {
  name: 128,
  id: 64,
  clientId: 512,
  target: 512,
  message: 1_000,
} as const;

const MAX_LIST_LENGTH = 50;

const MAX_ATTRIBUTES_DEPTH = 8;
const MAX_ATTRIBUTES_LENGTH = 200;
const MAX_ATTRIBUTES_CHARACTERS = 16_384;

/**
 * Control and format characters, such as those that turn the direction of text, line ends,
 * and halves of surrogate pairs, which JSON in canonical form cannot have.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** JSON escapes ends of lines, without which a policy that reads a text of several lines could not be tried on the record. */
const UNPRINTABLE_IN_JSON = /(?![\t\n\r])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Almost all text is, and this is quicker to see than that there is none of the above. */
const PLAIN = /^[ -~]*$/;

/** Put where something was cut off. */
const CUT = '…';

/**
 * A record as it is kept: known fields only, each bounded, and no character that
 * could disturb a log or a page. Much of it was chosen by clients and servers.
 * What it does not have is undefined, which JSON leaves out.
 */
export function boundedRecord(record: AuditRecord): AuditRecord {
  const { caller, decision, findings } = record;
  return {
    at: time(record.at),
    action: text(record.action, 32) as AuditRecord['action'],
    outcome: text(record.outcome, 32) as AuditRecord['outcome'],
    stage: text(record.stage, MAX.name),
    message: text(record.message, MAX.message),
    caller: {
      kind: text(caller.kind, 32) as AuditRecord['caller']['kind'],
      uuid: text(caller.uuid, MAX.id),
      connectionId: text(caller.connectionId, MAX.id),
      clientId: text(caller.clientId, MAX.clientId),
      clientName: text(caller.clientName, MAX.name),
      clientVersion: text(caller.clientVersion, MAX.name),
      address: text(caller.address, MAX.id),
    },
    protocolVersion: text(record.protocolVersion, 32),
    portal: text(record.portal, MAX.name),
    server: text(record.server, MAX.name),
    target: text(record.target, MAX.target),
    toolClass: text(record.toolClass, 32) as AuditRecord['toolClass'],
    pin: text(record.pin, MAX.name),
    decision: decision && {
      effect: text(decision.effect, 32) as 'permit' | 'hold' | 'deny',
      policies: list(decision.policies, id => text(id, MAX.name)),
    },
    policyAttributes: attributes(record.policyAttributes),
    findings: findings && list(findings, finding),
    argumentDigest: text(record.argumentDigest, MAX.name),
    durationMs: number(record.durationMs),
    upstreamDurationMs: number(record.upstreamDurationMs),
    requestBytes: number(record.requestBytes),
    resultBytes: number(record.resultBytes),
    estimatedResultTokens: number(record.estimatedResultTokens),
    traceId: text(record.traceId, MAX.id),
    executionId: text(record.executionId, MAX.name),
    approvalId: text(record.approvalId, MAX.id),
  } as AuditRecord;
}

function finding(value: AuditFinding): AuditFinding {
  return {
    detector: text(value.detector, MAX.name),
    action: text(value.action, 32),
    direction: text(value.direction, 32),
    count: number(value.count),
  } as AuditFinding;
}

function text(
  value: string | undefined,
  max: number,
  unprintable = UNPRINTABLE,
): string | undefined {
  if (typeof value !== 'string') {
    return undefined;
  }
  // Cut before anything else looks at it: what arrives may be megabytes long.
  const cut =
    value.length > max
      ? `${withoutHalf(value.slice(0, max - CUT.length))}${CUT}`
      : value;
  return PLAIN.test(cut) ? cut : cut.replace(unprintable, '\uFFFD');
}

/** Without the first half of a surrogate pair at the end. */
function withoutHalf(value: string): string {
  const last = value.charCodeAt(value.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? value.slice(0, -1) : value;
}

function number(value: number | undefined): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

/** A time that cannot be read is the time of writing. */
function time(value: string): string {
  const milliseconds = Date.parse(value);
  return new Date(
    Number.isNaN(milliseconds) ? Date.now() : milliseconds,
  ).toISOString();
}

function list<T, R>(values: T[], bounded: (value: T) => R | undefined): R[] {
  return values
    .slice(0, MAX_LIST_LENGTH)
    .map(bounded)
    .filter(value => value !== undefined);
}

/**
 * What policy read. Where a part of it is missing or different, a policy that is
 * tried on the record might decide otherwise: then it says so, under `omitted`.
 */
function attributes(
  value: Record<string, unknown> | undefined,
): Record<string, unknown> | undefined {
  if (value === undefined) {
    return undefined;
  }
  const changed = new Set<string>();
  const bounded = attribute(value, MAX_ATTRIBUTES_DEPTH, what =>
    changed.add(what),
  ) as Record<string, unknown>;
  const kept = changed.size
    ? { ...bounded, omitted: [...changed].join(', ') }
    : bounded;
  const characters = JSON.stringify(kept).length;
  return characters > MAX_ATTRIBUTES_CHARACTERS
    ? { omitted: `${characters} characters are over the limit` }
    : kept;
}

/** @param changed - is told what is not as it was */
function attribute(
  value: unknown,
  depth: number,
  changed: (what: string) => void,
): unknown {
  if (typeof value === 'string') {
    return textAttribute(value, MAX.message, changed);
  }
  if (typeof value === 'boolean' || value === null) {
    return value;
  }
  if (typeof value === 'number') {
    return number(value);
  }
  if (typeof value !== 'object') {
    return undefined;
  }
  if (depth === 0) {
    changed('what is nested too deeply was left out');
    return undefined;
  }
  if (Array.isArray(value)) {
    return atMost(value, changed).map(
      member => attribute(member, depth - 1, changed) ?? null,
    );
  }
  // fromEntries makes `__proto__` a key like any other.
  return Object.fromEntries(
    atMost(Object.entries(value), changed).map(([key, member]) => [
      textAttribute(key, MAX.name, changed),
      attribute(member, depth - 1, changed),
    ]),
  );
}

function textAttribute(
  value: string,
  max: number,
  changed: (what: string) => void,
): string {
  const kept = text(value, max, UNPRINTABLE_IN_JSON)!;
  if (kept !== value) {
    changed('a text was cut, or characters of it replaced');
  }
  return kept;
}

function atMost<T>(values: T[], changed: (what: string) => void): T[] {
  if (values.length > MAX_ATTRIBUTES_LENGTH) {
    changed(`a list was cut to ${MAX_ATTRIBUTES_LENGTH}`);
  }
  return values.slice(0, MAX_ATTRIBUTES_LENGTH);
}

import type {
  AuditAction,
  AuditOutcome,
  AuditUsageDimension,
} from '@prompt-corner/plugin-mcp-portal-common';
import { z } from 'zod';
import type { AuditConditions } from '../audit';

const MAX_PAGE = 200;
const MAX_USAGE_DAYS = 400;
const DAY_MS = 24 * 60 * 60_000;

const ACTIONS = [
  'session',
  'tools/list',
  'tools/call',
  'prompts/list',
  'prompts/get',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'completion/complete',
  'approval',
  'server',
  'definition',
  'grant',
  'credential',
] as const satisfies AuditAction[];

const OUTCOMES = [
  'ok',
  'tool_error',
  'denied',
  'held',
  'upstream_error',
  'cancelled',
  'error',
] as const satisfies AuditOutcome[];

const DIMENSIONS = [
  'day',
  'portal',
  'server',
  'tool',
  'action',
  'outcome',
  'caller',
  'client',
] as const satisfies AuditUsageDimension[];

const word = z.string().min(1).max(512);
const time = z.iso.datetime({ offset: true });
const day = z.iso.date();

/** `limit` newest records, and which. */
export const listSchema = z.strictObject({
  from: time.optional(),
  to: time.optional(),
  caller: word.optional(),
  portal: word.optional(),
  server: word.optional(),
  target: word.optional(),
  action: z.enum(ACTIONS).optional(),
  outcome: z.enum(OUTCOMES).optional(),
  client: word.optional(),
  executionId: word.optional(),
  cursor: word.optional(),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(50),
});

/** The conditions of a list. */
export function conditionsOf(
  question: z.infer<typeof listSchema>,
): AuditConditions {
  const { cursor, limit, from, to, ...equal } = question;
  return {
    ...equal,
    from: from === undefined ? undefined : new Date(from),
    to: to === undefined ? undefined : new Date(to),
  };
}

const days = { from: day, to: day };
const inOrder = {
  message: '"from" has to be before or the same as "to"',
  path: ['from'],
};

/** What to count; `by` are dimensions with commas between them. */
export const usageSchema = z
  .strictObject({
    ...days,
    by: z
      .string()
      .transform(text => [...new Set(text.split(','))])
      .pipe(z.array(z.enum(DIMENSIONS)).min(1)),
    action: z.enum(ACTIONS).optional(),
    caller: word.optional(),
    portal: word.optional(),
    server: word.optional(),
  })
  .refine(({ from, to }) => from <= to, inOrder)
  .refine(
    ({ from, to }) =>
      Date.parse(to) - Date.parse(from) < MAX_USAGE_DAYS * DAY_MS,
    { message: `At most ${MAX_USAGE_DAYS} days at once`, path: ['to'] },
  );

/** Days to export. */
export const exportSchema = z
  .strictObject({ ...days, after: word.optional() })
  .refine(({ from, to }) => from <= to, inOrder);

const head = z.strictObject({
  day,
  writer: z.string().min(1).max(36),
  seq: z.int().min(1),
  hash: z.string().regex(/^[0-9a-f]{64}$/, 'a hash has 64 hex digits'),
});

/** Days to verify; all when not given. */
export const verificationSchema = z.strictObject({
  from: day.optional(),
  to: day.optional(),
  anchors: z.array(head).max(1_000).optional(),
});

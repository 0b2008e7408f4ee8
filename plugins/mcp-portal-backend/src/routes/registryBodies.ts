import { z } from 'zod';
import { PIN_PATTERN } from '../definitions';

const MAX_DEFINITIONS = 10_000;

/** Controls but line feed and tab, and halves of pairs: no text has them. */
const NO_TEXT = /(?![\t\n])[\p{Cc}\p{Cs}]/u;

const reason = z
  .string()
  .max(1_000)
  .refine(text => !NO_TEXT.test(text), 'has control characters in it')
  .optional();

const urls = z.array(z.string().max(2_000)).max(10).optional();

const choice = z.strictObject({
  kind: z.enum(['tool', 'prompt', 'resource-template']),
  key: z.string().max(1_000),
  pin: z
    .string()
    .regex(PIN_PATTERN, 'has to be sha256: and 64 hexadecimal digits'),
});

const approval = choice.extend({
  toolClass: z.enum(['read', 'write', 'destructive']).optional(),
});

/** Of actions that need no more than a reason. */
export const reasonSchema = z.strictObject({ reason });

/** Of `POST /servers/:name/resume`. */
export const resumeSchema = z.strictObject({ urls, reason });

/** Of `POST /servers/:name/approve`. */
export const serverApprovalSchema = z.strictObject({
  definitions: z.array(approval).max(MAX_DEFINITIONS),
  urls,
  acknowledgedFindings: z.boolean().optional(),
  reason,
});

/** Of `POST /servers/:name/definitions/approve`. */
export const definitionsApprovalSchema = z.strictObject({
  definitions: z.array(approval).min(1).max(MAX_DEFINITIONS),
  acknowledgedFindings: z.boolean().optional(),
});

/** Of `POST /servers/:name/definitions/reject`. */
export const definitionsRejectionSchema = z.strictObject({
  definitions: z.array(choice).min(1).max(MAX_DEFINITIONS),
  reason,
});

/** Of the query of `GET /servers/:name/definitions`. */
export const definitionsQuerySchema = z.strictObject({
  status: z.enum(['approved', 'quarantined', 'rejected', 'missing']).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(100),
  cursor: z.string().max(10_000).optional(),
});

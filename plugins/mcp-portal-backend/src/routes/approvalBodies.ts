import { z } from 'zod';
import { SERVER_NAME } from '../names';

const MAX_TEXT_LENGTH = 2_000;

/** As a query has it. */
const flag = z
  .enum(['true', 'false'])
  .optional()
  .transform(value => value === 'true');

/** `GET /approvals` */
export const approvalListSchema = z.strictObject({
  state: z
    .enum(['pending', 'approved', 'denied', 'expired', 'cancelled', 'used'])
    .optional(),
  mine: flag,
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(100).optional(),
});

/** `POST /approvals/:id/decide` */
export const decisionSchema = z.strictObject({
  decision: z.enum(['approve', 'deny']),
  reason: z.string().max(MAX_TEXT_LENGTH).optional(),
});

/** `POST /access-requests` */
export const accessRequestSchema = z.strictObject({
  server: z.string().regex(SERVER_NAME),
  portal: z.string().min(1).max(100).optional(),
  toolClasses: z
    .array(z.enum(['read', 'write', 'destructive']))
    .min(1)
    .max(3),
  tools: z.array(z.string().min(1).max(128)).min(1).max(200).optional(),
  lifetimeSeconds: z.number().int().min(60),
  justification: z.string().trim().min(1).max(MAX_TEXT_LENGTH),
});

/** `GET /access-grants` */
export const grantListSchema = z.strictObject({
  all: flag,
  server: z.string().regex(SERVER_NAME).optional(),
});

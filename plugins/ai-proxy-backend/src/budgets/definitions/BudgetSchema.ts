import { InputError } from '@backstage/errors';
import {
  BUDGET_SPLITS,
  BUDGET_UNITS,
  BUDGET_WINDOWS,
  BudgetDefinition,
} from '@prompt-corner/plugin-ai-proxy-common';
import { IANAZone } from 'luxon';
import { z } from 'zod';
import { GRANT_BUDGET } from '../accounts';

/** What is counted has to stay a whole number of 10^-9 US dollars that a double can hold. */
const LARGEST_USD = 1_000_000;
const LARGEST_COUNT = 1_000_000_000_000_000;

/** Budgets of minutes and hours are rate limits, of which nobody wants to hear each time. */
const QUIET_WINDOWS = ['minute', 'hour'];

const patterns = z.array(z.string().min(1).max(300)).min(1).max(500);
const teamPattern = z
  .string()
  .regex(
    /^(\*|group:[^/\s]+\/[^/\s]+)$/i,
    'is no entity ref of a group such as group:default/platform; * stands for any text',
  );
const user = z
  .string()
  .regex(
    /^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|user:[^/\s]+\/[^/\s]+)$/i,
    'is neither a UUID nor an entity ref of a user such as user:default/ada',
  );

const SCHEMA = z
  .strictObject({
    name: z
      .string()
      .regex(
        /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
        'has letters, digits, ".", "_" and "-", at most 63 of them',
      )
      .refine(name => name !== GRANT_BUDGET, {
        message: 'is the name of the budgets that users set for connections',
      }),
    unit: z.enum(BUDGET_UNITS),
    limit: z.number().positive(),
    window: z.enum(BUDGET_WINDOWS),
    timeZone: z
      .string()
      .refine(zone => IANAZone.isValidZone(zone), {
        message: 'is no time zone such as Europe/Berlin',
      })
      .default('UTC'),
    per: z.enum(BUDGET_SPLITS),
    match: z
      .strictObject({
        users: z.array(user).min(1).max(500).optional(),
        teams: z.array(teamPattern).min(1).max(500).optional(),
        models: patterns.optional(),
        providers: patterns.optional(),
        clients: patterns.optional(),
        kinds: z
          .array(z.enum(['user', 'service']))
          .min(1)
          .optional(),
      })
      .default({}),
    alerts: z.array(z.int().min(1).max(100)).max(10).optional(),
    soft: z.boolean().default(false),
    notify: z
      .array(
        z
          .string()
          .regex(
            /^(user|group):[^/\s]+\/[^/\s]+$/i,
            'is no entity ref of a user or group such as group:default/platform',
          ),
      )
      .max(50)
      .default([]),
  })
  .superRefine(({ unit, limit }, context) => {
    const isWhole = Number.isInteger(limit);
    const largest = unit === 'usd' ? LARGEST_USD : LARGEST_COUNT;
    if (limit > largest || (unit !== 'usd' && !isWhole)) {
      context.addIssue({
        code: 'custom',
        path: ['limit'],
        message:
          unit === 'usd'
            ? `is at most ${LARGEST_USD} US dollars`
            : `is a whole number of ${unit}, at most ${LARGEST_COUNT}`,
      });
    }
  });

/**
 * Checks a budget that somebody wrote, and adds defaults.
 *
 * @param where - what the value is, for the message
 * @throws InputError naming what cannot be used
 */
export function parseBudget(value: unknown, where: string): BudgetDefinition {
  const parsed = SCHEMA.safeParse(value);
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues;
    throw new InputError(`${[where, ...path].join('.')}: ${message}`);
  }
  const { alerts, window } = parsed.data;
  const fallback = QUIET_WINDOWS.includes(window) ? [] : [50, 80, 100];
  return {
    ...parsed.data,
    alerts: [...new Set(alerts ?? fallback)].sort((a, b) => a - b),
  };
}

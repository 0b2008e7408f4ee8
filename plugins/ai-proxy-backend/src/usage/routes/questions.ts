import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { InputError } from '@backstage/errors';
import {
  USAGE_DIMENSIONS,
  USAGE_INTERVALS,
  UsageDimension,
  UsageFilters,
} from '@prompt-corner/plugin-ai-proxy-common';
import { IANAZone } from 'luxon';
import { z } from 'zod';
import type { HourRange } from '../queries';
import { hourOf } from '../store';

const DAY_MS = 24 * 60 * 60_000;

/** Longest time of a question: with roll-ups of 400 days, all of them. */
const MAX_DAYS = 400;
const DEFAULT_DAYS = 30;
/** Longest time that is told by the hour. */
const MAX_DAYS_BY_HOUR = 31;
const MAX_DAYS_OF_EXPORT = 31;

const MAX_GROUPS = 500;
const MAX_DIMENSIONS = 3;
const MAX_VALUES = 50;
const MAX_USERS = 200;
const MAX_OFFSET = 1_000_000;

const time = z.iso.datetime({ offset: true });
const range = { from: time.optional(), to: time.optional() };
const timeZone = z
  .string()
  .max(64)
  .refine(
    name => IANAZone.isValidZone(name),
    'has to be an IANA name of a time zone, such as Europe/Berlin',
  )
  .default('UTC');

/** PostgreSQL has no texts with NUL. */
const value = z
  .string()
  .max(256)
  .regex(/^[^\0]*$/, 'must not have the character NUL');
const values = z
  .union([
    value.transform(each => [each]),
    z.array(value).min(1).max(MAX_VALUES),
  ])
  .optional();

/** A filter for each of some dimensions. */
function filtersOf<D extends UsageDimension>(dimensions: readonly D[]) {
  return Object.fromEntries(
    dimensions.map(dimension => [dimension, values]),
  ) as Record<D, typeof values>;
}

function dimensionsOf(dimensions: readonly UsageDimension[]) {
  return z
    .string()
    .transform(text => [...new Set(text.split(','))])
    .pipe(
      z
        .array(z.enum(dimensions as [UsageDimension, ...UsageDimension[]]))
        .max(MAX_DIMENSIONS, `at most ${MAX_DIMENSIONS} dimensions`),
    )
    .default([]);
}

const NOT_OF_CALLERS = USAGE_DIMENSIONS.filter(
  dimension => dimension !== 'principal' && dimension !== 'team',
);

function usageQuestion(dimensions: readonly UsageDimension[]) {
  return z.strictObject({
    ...range,
    ...filtersOf(dimensions),
    by: dimensionsOf(dimensions),
    interval: z.enum(USAGE_INTERVALS).optional(),
    timeZone,
    limit: z.coerce.number().int().min(1).max(MAX_GROUPS).default(50),
  });
}

/** Usage of somebody, or of a team: without who is in it. */
export const ownUsageSchema = usageQuestion(NOT_OF_CALLERS);

export const usageSchema = usageQuestion(USAGE_DIMENSIONS);

export const sessionsSchema = z.strictObject({
  ...range,
  limit: z.coerce.number().int().min(1).max(MAX_GROUPS).default(50),
});

export const adoptionSchema = z.strictObject({
  ...range,
  interval: z.enum(USAGE_INTERVALS).optional(),
  timeZone,
  team: value.optional(),
});

export const savingsSchema = z.strictObject({
  ...range,
  ...filtersOf(USAGE_DIMENSIONS),
});

export const usersSchema = z.strictObject({
  ...range,
  ...filtersOf(USAGE_DIMENSIONS),
  timeZone,
  limit: z.coerce.number().int().min(1).max(MAX_USERS).default(50),
  offset: z.coerce.number().int().min(0).max(MAX_OFFSET).default(0),
});

export const anomaliesSchema = z.strictObject(range);

export const exportSchema = z.strictObject({
  ...range,
  of: z.enum(['mine', 'organisation']).default('mine'),
  format: z.enum(['csv', 'ndjson']).default('csv'),
  after: z.string().min(1).max(300).optional(),
});

/** A value that has the shape of a schema. @throws InputError that says what is wrong, and where */
export function parsed<T>(schema: z.ZodType<T>, asked: unknown): T {
  const result = schema.safeParse(asked);
  if (!result.success) {
    throw new InputError(z.prettifyError(result.error));
  }
  return result.data;
}

/** Times that were asked for, or the last 30 days. @throws InputError when they are in the wrong order, or too long */
export function timesOf(
  asked: { from?: string; to?: string },
  now: Date,
  maxDays: number = MAX_DAYS,
): { from: Date; to: Date } {
  const to = asked.to === undefined ? now : new Date(asked.to);
  const from =
    asked.from === undefined
      ? new Date(to.getTime() - DEFAULT_DAYS * DAY_MS)
      : new Date(asked.from);
  if (from >= to) {
    throw new InputError(
      `"from" has to be before "to", but is ${from.toISOString()}, and "to" ${to.toISOString()}`,
    );
  }
  if (to.getTime() - from.getTime() > maxDays * DAY_MS) {
    throw new InputError(
      `At most ${maxDays} days at once: ask for a shorter time`,
    );
  }
  return { from, to };
}

/** The hours that these times touch. @throws InputError as {@link timesOf}, and for too many points */
export function hoursOf(
  asked: { from?: string; to?: string; interval?: string },
  now: Date,
): HourRange {
  const { from, to } = timesOf(asked, now);
  const hours = {
    from: hourOf(from),
    // The hour with the last moment that is in it.
    to: hourOf(new Date(to.getTime() - 1)) + 1,
  };
  if (
    asked.interval === 'hour' &&
    to.getTime() - from.getTime() > MAX_DAYS_BY_HOUR * DAY_MS
  ) {
    throw new InputError(
      `At most ${MAX_DAYS_BY_HOUR} days by the hour: ask for a longer interval, or a shorter time`,
    );
  }
  return hours;
}

/** As {@link timesOf}, for an export. */
export function exportTimesOf(
  asked: { from?: string; to?: string },
  now: Date,
): { from: Date; to: Date } {
  return timesOf(asked, now, MAX_DAYS_OF_EXPORT);
}

/** The filters in a question. */
export function filtersIn(asked: UsageFilters): UsageFilters {
  return Object.fromEntries(
    USAGE_DIMENSIONS.flatMap(dimension => {
      const chosen = asked[dimension];
      if (chosen === undefined) {
        return [];
      }
      return [
        [
          dimension,
          dimension === 'team'
            ? chosen.map(team => (team === '' ? '' : teamRefOf(team)))
            : chosen,
        ],
      ];
    }),
  );
}

/** A full entity ref of a group. @throws InputError when it is none */
export function teamRefOf(text: string): string {
  try {
    const ref = parseEntityRef(text, {
      defaultKind: 'group',
      defaultNamespace: 'default',
    });
    if (ref.kind.toLocaleLowerCase('en-US') === 'group') {
      return stringifyEntityRef(ref);
    }
  } catch {
    // Told below.
  }
  throw new InputError(
    `"${text}" is not the entity ref of a group, such as group:default/payments`,
  );
}

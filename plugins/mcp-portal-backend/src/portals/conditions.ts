import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { durationToMilliseconds } from '@backstage/types';
import { readDurationFromConfig } from '@backstage/config';
import { DateTime, IANAZone } from 'luxon';
import type { Caller } from '../callers/Caller';

/**
 * Something that has to hold for a caller to be let in.
 *
 * @returns why it does not, for people; undefined when it does
 */
export type Condition = (caller: Caller, now: Date) => string | undefined;

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/**
 * Reads the conditions of a portal.
 *
 * @param config - `mcpPortal.portals.<portal>.conditions`
 * @param key - where that is, for errors
 * @param audience - whom they are for
 * @throws InputError when a value cannot be used
 */
export function readConditions(
  config: Config | undefined,
  key: string,
  audience: { anonymous: boolean },
): Condition[] {
  if (!config) {
    return [];
  }
  const known = [
    'networks',
    'authenticationMethods',
    'authenticationContexts',
    'maxAuthenticationAge',
    'device',
    'hours',
  ];
  for (const name of config.keys()) {
    if (!known.includes(name)) {
      throw new InputError(
        `${key}.${name} is no condition; there are ${known.join(', ')}`,
      );
    }
    if (audience.anonymous && name !== 'hours') {
      throw new InputError(
        `${key}.${name} can hold only for callers who have signed in, and the portal is public; use another portal for them`,
      );
    }
  }
  return [
    networkCondition(config.getOptionalStringArray('networks')),
    methodCondition(config.getOptionalStringArray('authenticationMethods')),
    contextCondition(config.getOptionalStringArray('authenticationContexts')),
    ageCondition(config),
    deviceCondition(config.getOptional<Record<string, unknown>>('device'), key),
    hoursCondition(config.getOptionalConfig('hours'), `${key}.hours`),
  ].filter(condition => condition !== undefined);
}

function networkCondition(networks?: string[]): Condition | undefined {
  return (
    networks &&
    (({ network }) =>
      network.names.some(name => networks.includes(name))
        ? undefined
        : `it is open from these networks only: ${networks.join(', ')}`)
  );
}

function methodCondition(methods?: string[]): Condition | undefined {
  return (
    methods &&
    (({ claims }) =>
      methods.some(method => claims.amr?.includes(method))
        ? undefined
        : `it asks for a sign-in by ${methods.join(
            ' or ',
          )}; sign in so and connect again`)
  );
}

function contextCondition(contexts?: string[]): Condition | undefined {
  return (
    contexts &&
    (({ claims }) =>
      claims.acr !== undefined && contexts.includes(claims.acr)
        ? undefined
        : 'it asks for a stronger sign-in; sign in so and connect again')
  );
}

function ageCondition(config: Config): Condition | undefined {
  if (!config.has('maxAuthenticationAge')) {
    return undefined;
  }
  const maxAgeMs = durationToMilliseconds(
    readDurationFromConfig(config, { key: 'maxAuthenticationAge' }),
  );
  return ({ claims }, now) =>
    claims.authTime !== undefined &&
    now.getTime() - claims.authTime * 1000 <= maxAgeMs
      ? undefined
      : 'the last sign-in was too long ago; sign in and connect again';
}

function deviceCondition(
  device: Record<string, unknown> | undefined,
  key: string,
): Condition | undefined {
  if (!device) {
    return undefined;
  }
  const wanted = Object.entries(device).map(([attribute, values]) => {
    const list = Array.isArray(values) ? values : [values];
    if (!list.length || list.some(value => typeof value !== 'string')) {
      throw new InputError(
        `${key}.device.${attribute} has to be a text, or a list of texts`,
      );
    }
    return [attribute, list as string[]] as const;
  });
  return ({ network }) =>
    wanted.every(
      ([attribute, values]) =>
        Object.hasOwn(network.device, attribute) &&
        values.includes(network.device[attribute]),
    )
      ? undefined
      : 'it is not open to this device';
}

function hoursCondition(
  config: Config | undefined,
  key: string,
): Condition | undefined {
  if (!config) {
    return undefined;
  }
  const zone = config.getOptionalString('timeZone') ?? 'UTC';
  if (!IANAZone.isValidZone(zone)) {
    throw new InputError(
      `${key}.timeZone is "${zone}", and has to be a time zone such as Europe/Berlin`,
    );
  }
  const from = minutesOf(config.getString('from'), `${key}.from`);
  const to = minutesOf(config.getString('to'), `${key}.to`);
  const days = config.getOptionalStringArray('days') ?? WEEKDAYS;
  const unknown = days.find(day => !WEEKDAYS.includes(day));
  if (unknown) {
    throw new InputError(
      `${key}.days has "${unknown}"; days are ${WEEKDAYS.join(', ')}`,
    );
  }
  return (_caller, now) => {
    const local = DateTime.fromJSDate(now, { zone });
    const minute = local.hour * 60 + local.minute;
    // A span over midnight belongs to the day on which it began.
    const day = from < to || minute >= from ? local : local.minus({ days: 1 });
    const within =
      from < to ? minute >= from && minute < to : minute >= from || minute < to;
    return within && days.includes(WEEKDAYS[day.weekday - 1])
      ? undefined
      : 'it is closed at this time';
  };
}

function minutesOf(text: string, key: string): number {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  if (!match) {
    throw new InputError(
      `${key} is "${text}", and has to be a time such as 08:30`,
    );
  }
  return Number(match[1]) * 60 + Number(match[2]);
}

import { useState } from 'react';
import type {
  ConsentDecision,
  ConsentRequest,
  ConsentResource,
} from '@prompt-corner/plugin-agent-auth-common';
import {
  fromGrantLimits,
  LimitInput,
  limitsOf,
  noLimits,
  toGrantLimits,
} from '../../limits';

/** Characters of a connection's name. */
export const LONGEST_NAME = 100;

/** What stands in the form. */
export interface ConsentFormValues {
  /** Names of the chosen scopes, by audience. */
  scopes: Record<string, string[]>;
  limits: LimitInput;
  lifetimeSeconds: number;
  name: string;
}

/**
 * Holds the form, filled with what the user chose for this client the last time, as far as the
 * client asks for it now; without an earlier choice, with all that it asks for.
 *
 * @returns `resources`: those asked for, each with only the scopes asked for; `decision`: what the
 *   form says, undefined while nothing is selected
 */
export function useConsentForm(request: ConsentRequest) {
  const [values, setValues] = useState(() => initialValues(request));
  const resources = askedFor(request);
  const chosen = resources.filter(
    resource => values.scopes[resource.audience]?.length > 0,
  );
  // Only what is chosen can be narrowed further.
  const limits = limitsOf(chosen);

  const decision: ConsentDecision | undefined =
    chosen.length === 0
      ? undefined
      : {
          resources: chosen.map(({ audience }) => ({
            audience,
            scopes: values.scopes[audience],
          })),
          limits: toGrantLimits(values.limits, limits),
          lifetimeSeconds: values.lifetimeSeconds,
          name: values.name.trim() || undefined,
        };

  const change = (changes: Partial<ConsentFormValues>) =>
    setValues(current => ({ ...current, ...changes }));
  return { resources, limits, values, change, decision };
}

function askedFor(request: ConsentRequest): ConsentResource[] {
  return request.resources
    .map(resource => ({
      ...resource,
      scopes: resource.scopes.filter(scope => scope.requested),
    }))
    .filter(resource => resource.scopes.length > 0);
}

function initialValues(request: ConsentRequest): ConsentFormValues {
  const { client, remembered, lifetimesSeconds, defaultLifetimeSeconds } =
    request;
  const scopes: Record<string, string[]> = {};
  for (const resource of askedFor(request)) {
    const asked = resource.scopes.map(scope => scope.name);
    const before = remembered?.resources.find(
      ({ audience }) => audience === resource.audience,
    );
    // A resource that is new since the last time is asked for as if for the first time.
    scopes[resource.audience] = before
      ? asked.filter(name => before.scopes.includes(name))
      : asked;
  }
  const isStillOffered =
    remembered && lifetimesSeconds.includes(remembered.lifetimeSeconds);
  return {
    scopes,
    limits: remembered ? fromGrantLimits(remembered.limits) : noLimits,
    lifetimeSeconds: isStillOffered
      ? remembered.lifetimeSeconds
      : defaultLifetimeSeconds,
    name: (remembered?.name ?? client.name).slice(0, LONGEST_NAME),
  };
}

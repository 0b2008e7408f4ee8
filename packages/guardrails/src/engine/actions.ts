import type { DetectorFacts } from '../detectors/Detector';
import {
  Action,
  ACTIONS,
  CATEGORIES,
  Direction,
  DIRECTIONS,
  isAtLeast,
  SEVERITIES,
} from '../findings';
import { GuardrailsConfigError } from './GuardrailsConfigError';
import { ActionRule, DEFAULT_ACTIONS } from './options';

/** @returns true when an id is the given one, or begins with what stands before its `*` */
export function matchesId(pattern: string, id: string): boolean {
  return pattern.endsWith('*')
    ? id.startsWith(pattern.slice(0, -1))
    : id === pattern;
}

/** @returns what to do about finds of a detector; the last rule that matches counts */
export function actionFor(
  detector: DetectorFacts,
  direction: Direction,
  rules: readonly ActionRule[],
): Action {
  if (detector.directions && !detector.directions.includes(direction)) {
    return 'off';
  }
  const rule = rules.findLast(
    candidate =>
      (!candidate.detector || matchesId(candidate.detector, detector.id)) &&
      (!candidate.category || candidate.category === detector.category) &&
      (!candidate.direction || candidate.direction === direction) &&
      (!candidate.severity || isAtLeast(detector.severity, candidate.severity)),
  );
  return rule?.action ?? 'off';
}

/**
 * @returns the default rules and then the given ones
 * @throws GuardrailsConfigError when one names what does not exist
 */
export function checkedRules(
  rules: readonly ActionRule[],
  detectors: readonly DetectorFacts[],
): ActionRule[] {
  rules.forEach((rule, index) => {
    const where = `actions[${index}]`;
    checkOneOf(`${where}.action`, rule.action, ACTIONS);
    checkOneOf(`${where}.direction`, rule.direction, DIRECTIONS);
    checkOneOf(`${where}.severity`, rule.severity, SEVERITIES);
    checkOneOf(`${where}.category`, rule.category, CATEGORIES);
    checkDetectorId(`${where}.detector`, rule.detector, detectors);
    if (!rule.action) {
      throw new GuardrailsConfigError(
        `${where} has no action. Write one of ${ACTIONS.join(', ')}`,
      );
    }
  });
  return [...DEFAULT_ACTIONS, ...rules];
}

/** @throws GuardrailsConfigError when no detector has the id */
export function checkDetectorId(
  where: string,
  id: string | undefined,
  detectors: readonly DetectorFacts[],
) {
  if (id !== undefined && !detectors.some(known => matchesId(id, known.id))) {
    throw new GuardrailsConfigError(
      `${where} names "${id}", but there is no such detector. Detectors are ${[
        ...new Set(detectors.map(known => known.id)),
      ].join(', ')}`,
    );
  }
}

function checkOneOf(
  where: string,
  value: string | undefined,
  known: readonly string[],
) {
  if (value !== undefined && !known.includes(value)) {
    throw new GuardrailsConfigError(
      `${where} is "${value}". Write one of ${known.join(', ')}`,
    );
  }
}

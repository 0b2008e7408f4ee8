import { BUILT_IN_DETECTORS } from '../detectors/builtIn';
import type { Detector, DetectorFacts } from '../detectors/Detector';
import {
  inspectDefinition,
  DefinitionContext,
  DefinitionInspection,
} from '../definitions/inspectDefinition';
import { DEFINITION_DETECTORS } from '../definitions/definitionDetectors';
import type { Action, Direction } from '../findings';
import { Inspection } from '../findings';
import { inspectJson } from '../json/inspectJson';
import { compileOwnPatterns } from '../patterns/ownPatterns';
import { readTopics } from '../topics/topics';
import { actionFor, checkDetectorId, checkedRules, matchesId } from './actions';
import { AllowList } from './AllowList';
import { GuardrailsConfigError } from './GuardrailsConfigError';
import { Inspection as DirectionSetup, Inspector } from './Inspector';
import type { GuardrailsOptions, InspectionContext } from './options';
import { Scanner } from './Scanner';

/** What one detector finds, for administrators. */
export type DetectorDescription = Pick<
  DetectorFacts,
  'id' | 'category' | 'severity' | 'description'
>;

/** Finds what must not pass, in text and JSON. Immutable; shared by all requests. */
export interface Guardrails {
  /** Looks at one text, such as a prompt or an error's message. */
  inspectText(text: string, context: InspectionContext): Inspection<string>;
  /**
   * Looks at every string of a JSON value. When a name says that its value is a
   * password, that counts.
   */
  inspectJson<T>(value: T, context: InspectionContext): Inspection<T>;
  /** Screens what a server says of a tool, prompt or resource, before a person approves it. */
  inspectDefinition(
    definition: unknown,
    context?: DefinitionContext,
  ): DefinitionInspection;
  /** Everything that can be found with these options. */
  readonly detectors: readonly DetectorDescription[];
}

const DEFAULT_LIMITS = {
  depth: 64,
  nodes: 200_000,
  length: 16_000_000,
  findings: 1_000,
};

/**
 * Creates guardrails. Takes some milliseconds; do it once, at start.
 *
 * @throws GuardrailsConfigError when the options make no sense
 */
export function createGuardrails(options: GuardrailsOptions = {}): Guardrails {
  const ownPatterns = compileOwnPatterns(options.patterns ?? []);
  const topics = readTopics(options.topics ?? []);
  const builtIn = chooseDetectors(options.detectors);
  const own = [
    ...ownPatterns,
    ...topics.deniedWords,
    ...topics.deniedPatterns,
    topics.other,
  ];
  const rules = checkedRules(options.actions ?? [], [
    ...BUILT_IN_DETECTORS,
    ...DEFINITION_DETECTORS,
    ...own,
  ]);
  const limits = checkedLimits(options.limits);
  const allowList = new AllowList(options.allow ?? []);
  const hasAllowedTopics =
    topics.allowedWords.length + topics.allowedPatterns.length > 0;

  const createSetup = (direction: Direction): DirectionSetup => {
    const actions = new Map<DetectorFacts, Action>();
    for (const detector of [...builtIn, ...DEFINITION_DETECTORS, ...own]) {
      actions.set(detector, actionFor(detector, direction, rules));
    }
    const actionOf = (detector: DetectorFacts) =>
      actions.get(detector) ?? 'off';
    const isOn = (detector: DetectorFacts) => actionOf(detector) !== 'off';
    return {
      scanner: new Scanner({
        detectors: [...builtIn, ...topics.deniedWords].filter(isOn),
        patterns: [...ownPatterns, ...topics.deniedPatterns].filter(isOn),
      }),
      allowedTopics:
        hasAllowedTopics && direction === 'argument'
          ? new Scanner({
              detectors: topics.allowedWords,
              patterns: topics.allowedPatterns,
            })
          : undefined,
      otherTopic: topics.other,
      actionOf,
      allowList,
      maxLength: limits.length,
      maxFindings: limits.findings,
    };
  };
  const setups: Record<Direction, DirectionSetup> = {
    argument: createSetup('argument'),
    result: createSetup('result'),
    definition: createSetup('definition'),
    error: createSetup('error'),
  };

  return {
    inspectText: (text, context) => {
      const inspector = new Inspector(setups[context.direction]);
      const value = inspector.inspect(text, { pointer: '' });
      return answer(inspector, value, context);
    },
    inspectJson: <T>(value: T, context: InspectionContext) => {
      const inspector = new Inspector(setups[context.direction]);
      const inspected = inspectJson(value, inspector, limits) as T;
      return answer(inspector, inspected, context);
    },
    inspectDefinition: (definition, context = {}) =>
      inspectDefinition(definition, context, {
        inspector: new Inspector(setups.definition),
        limits,
      }),
    detectors: describe([...builtIn, ...DEFINITION_DETECTORS, ...own]),
  };
}

function answer<T>(
  inspector: Inspector,
  value: T,
  { isPart = false }: InspectionContext,
): Inspection<T> {
  if (!isPart) {
    inspector.finish();
  }
  return { action: inspector.verdict, findings: inspector.findings, value };
}

function chooseDetectors(ids: string[] | undefined): readonly Detector[] {
  if (!ids) {
    return BUILT_IN_DETECTORS;
  }
  const all = [...BUILT_IN_DETECTORS, ...DEFINITION_DETECTORS];
  ids.forEach((id, index) => checkDetectorId(`detectors[${index}]`, id, all));
  // Limits protect the inspection itself, so they always hold.
  return BUILT_IN_DETECTORS.filter(
    detector =>
      detector.category === 'limit' ||
      ids.some(id => matchesId(id, detector.id)),
  );
}

function checkedLimits(limits: GuardrailsOptions['limits'] = {}) {
  for (const [name, limit] of Object.entries(limits)) {
    if (limit !== undefined && !(Number.isInteger(limit) && limit > 0)) {
      throw new GuardrailsConfigError(
        `limits.${name} is ${limit}. Write a whole number above 0`,
      );
    }
  }
  return { ...DEFAULT_LIMITS, ...limits };
}

function describe(detectors: readonly DetectorFacts[]): DetectorDescription[] {
  const byId = new Map<string, DetectorDescription>();
  for (const { id, category, severity, description } of detectors) {
    if (!byId.has(id)) {
      byId.set(id, { id, category, severity, description });
    }
  }
  return [...byId.values()];
}

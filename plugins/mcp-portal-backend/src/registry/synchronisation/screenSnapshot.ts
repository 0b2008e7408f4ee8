import type { DefinitionFinding } from '@prompt-corner/plugin-mcp-portal-common';
import type {
  DefinitionChoice,
  DefinitionScreen,
  ScreenContext,
  ScreenedDefinition,
  SnapshotDefinition,
} from '../../definitions';

/** Nobody reads more of one definition. */
const MAX_FINDINGS = 100;

/** Between two pauses in which others get their turn. */
const SCREENED_AT_ONCE = 20;

const RANKS = { low: 0, medium: 1, high: 2, critical: 3 };

/** Screens the definitions of a snapshot that are new or changed. */
export async function screenSnapshot(options: {
  screen: DefinitionScreen;
  definitions: SnapshotDefinition[];
  isKnown: (choice: DefinitionChoice) => boolean;
  context: ScreenContext;
}): Promise<ScreenedDefinition[]> {
  const { screen, definitions, isKnown, context } = options;
  const screened: ScreenedDefinition[] = [];
  let looked = 0;
  for (const definition of definitions) {
    if (isKnown(definition)) {
      screened.push(definition);
      continue;
    }
    screened.push({
      ...definition,
      findings: findingsOf(definition, screen, context),
    });
    if (++looked % SCREENED_AT_ONCE === 0) {
      await new Promise(setImmediate);
    }
  }
  return screened;
}

function findingsOf(
  { kind, definition, refusal }: SnapshotDefinition,
  screen: DefinitionScreen,
  context: ScreenContext,
): DefinitionFinding[] {
  if (refusal) {
    return [
      {
        id: 'cannot-be-pinned',
        severity: 'critical',
        path: '',
        message: `${refusal}. It is not served, and cannot be approved`,
      },
    ];
  }
  const findings = screen.inspect(kind, definition, context);
  if (findings.length <= MAX_FINDINGS) {
    return findings;
  }
  return [
    // Never past a critical one.
    ...findings
      .sort((a, b) => RANKS[b.severity] - RANKS[a.severity])
      .slice(0, MAX_FINDINGS),
    {
      id: 'more-findings',
      severity: 'high',
      path: '',
      message: `There are ${findings.length - MAX_FINDINGS} more findings`,
    },
  ];
}

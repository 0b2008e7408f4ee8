import type { Guardrails } from '@prompt-corner/guardrails';
import type { DefinitionScreen } from '../definitions';

/** Looks at definitions with the guardrails of the portal. */
export function definitionScreen(guardrails: Guardrails): DefinitionScreen {
  return {
    inspect: (_kind, definition, { otherTools }) =>
      guardrails
        .inspectDefinition(definition, { otherTools: [...otherTools] })
        .findings.map(({ detector, severity, pointer, message }) => ({
          id: detector,
          severity,
          path: pointer,
          message,
        })),
  };
}

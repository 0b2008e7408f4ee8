import type { Decision } from '../audit';
import type { DefinitionApproval } from './decisions';
import { asPlainLine } from './showInvisible';

/** In one line of a history; the audit trail has all of them. */
const SHOWN = 20;
const MAX_SHOWN_LENGTH = 80;

/** What the audit trail has of decisions on definitions: one record for each. */
export function definitionDecisions(
  server: string,
  decision: 'approved' | 'rejected',
  definitions: DefinitionApproval[],
): Decision[] {
  return definitions.map(({ kind, key, pin, toolClass }) => ({
    action: 'definition',
    message: `${kind} ${decision}`,
    server,
    target: key,
    pin,
    toolClass,
  }));
}

/** What the history of a server has of them. */
export function summaryOfDefinitions(
  definitions: DefinitionApproval[],
  reason?: string,
): string {
  const names = definitions
    .slice(0, SHOWN)
    .map(({ kind, key, toolClass }) =>
      `${kind} ${asPlainLine(key, MAX_SHOWN_LENGTH)} ${
        toolClass ? `(${toolClass})` : ''
      }`.trimEnd(),
    );
  const more = definitions.length - names.length;
  const summary = `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return reason ? `${summary}: ${reason}` : summary;
}

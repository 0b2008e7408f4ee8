import type { ToolClass } from '@prompt-corner/plugin-mcp-portal-common';
import type { ServedDefinition } from '../definitions';
import type { ServedServer } from '../registry';

/** A tool, prompt or resource template, as one portal has it. */
export interface ViewedDefinition extends ServedDefinition {
  server: ServedServer;
  /** Its name or URI template in the portal. */
  exposed: string;
}

/** A tool, as one portal has it. */
export interface ViewedTool extends ViewedDefinition {
  toolClass: ToolClass;
}

/**
 * What one caller sees in one portal. Lists, search and calls read it, so that
 * none of them has what another has not.
 */
export interface PortalView {
  /** Of what it was made; another one means that lists have changed. */
  version: string;
  /** Of the portal, that the caller's token allows and that are switched on, in the order of their names. */
  servers: ServedServer[];
  /** Of which policy permits something, whether switched on or not: those that the caller may know of. */
  known: ServedServer[];
  /** By name in the portal. */
  tools: ReadonlyMap<string, ViewedTool>;
  /** Of APIs, by the name of the server, a space and the operation: `github GET /user`. They are in no list. */
  operations: ReadonlyMap<string, ViewedTool>;
  prompts: ReadonlyMap<string, ViewedDefinition>;
  templates: readonly ViewedDefinition[];
}

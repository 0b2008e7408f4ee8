import type { CatalogApi } from '@backstage/catalog-client';
import type { Meter } from '../measure/Meter';
import type { Stack } from '../stack';
import type { McpSession } from './McpSession';

/** What each contender is asked through. */
export interface Sessions {
  'prompt-corner': McpSession;
  'mcp-actions': McpSession;
  direct: CatalogApi;
}

/** The name of a contender, as in tables and options. */
export type ContenderName = keyof Sessions;

/** One of the ways to ask a catalog. */
export interface Contender<Name extends ContenderName = ContenderName> {
  name: Name;
  /** What it is, for the reader of a result. */
  about: string;
  /** Opens a session whose every request goes through the meter. */
  connect(stack: Stack, meter: Meter): Promise<Sessions[Name]>;
}

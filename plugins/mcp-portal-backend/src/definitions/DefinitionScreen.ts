import type {
  DefinitionFinding,
  DefinitionKind,
} from '@prompt-corner/plugin-mcp-portal-common';

/** What a screen knows besides the definition. */
export interface ScreenContext {
  /** Name of the server that offers it. */
  server: string;
  /** Tools of all other servers: a definition should not speak of them, nor look like one of them. */
  otherTools: ReadonlyArray<{ server: string; name: string }>;
}

/** Looks for what an approver should look at, such as hidden text and instructions to the model. */
export interface DefinitionScreen {
  inspect(
    kind: DefinitionKind,
    definition: Record<string, unknown>,
    context: ScreenContext,
  ): DefinitionFinding[];
}

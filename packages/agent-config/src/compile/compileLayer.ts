import type { SourceFile } from '../sources';
import { validateOpenCodeConfig } from '../schema';
import { withoutCarriage } from '../text';
import { checkPermissions } from './checkPermissions';
import { checkReferences } from './checkReferences';
import { checkSubstitutions } from './checkSubstitutions';
import { LayerDraft } from './LayerDraft';
import { addAgent, addCommand } from './markdownParts';
import { NAME_FAULT, nameOf } from './named';
import { addMcpServers, addPermissions, addSettings } from './yamlParts';

/** What a file in a folder of sources can be; `(…)` is given to the reader. */
const PARTS: Array<{
  pattern: RegExp;
  add: (draft: LayerDraft, file: SourceFile, path: string) => void;
}> = [
  { pattern: /^agents?\/(.+\.md)$/i, add: addAgent },
  { pattern: /^commands?\/(.+\.md)$/i, add: addCommand },
  { pattern: /^(instructions\.md)$/i, add: addInstruction },
  { pattern: /^instructions\/([^/]+\.md)$/i, add: addInstruction },
  { pattern: /^(permissions\.ya?ml)$/i, add: addPermissions },
  { pattern: /^(mcp\.ya?ml)$/i, add: addMcpServers },
  { pattern: /^(settings\.ya?ml)$/i, add: addSettings },
];

const KNOWN =
  'agents/*.md, commands/*.md, instructions.md, instructions/*.md, permissions.yaml, mcp.yaml and settings.yaml, each also in teams/<group>/';

/**
 * Compiles one folder of sources.
 *
 * @param files - with their paths below the folder
 * @param inherited - agents of the layer below
 */
export function compileLayer(
  files: Array<{ file: SourceFile; path: string }>,
  inherited: Record<string, any> = {},
): LayerDraft {
  const draft = new LayerDraft();
  const seen = new Map<string, string>();
  for (const { file, path } of files) {
    const part = PARTS.find(({ pattern }) => pattern.test(path));
    if (!part) {
      draft.problem(
        { file: file.path, line: 1 },
        `is no part of the configuration: there are ${KNOWN}. Move it, or take it out`,
      );
      continue;
    }
    // permissions.yaml and permissions.yml would be the same thing twice.
    const once = path.toLowerCase().replace(/\.yml$/, '.yaml');
    if (seen.has(once)) {
      draft.problem(
        { file: file.path, line: 1 },
        `is the same as ${seen.get(once)}; put both into one`,
      );
      continue;
    }
    seen.set(once, file.path);
    part.add(draft, file, part.pattern.exec(path)![1]);
  }
  for (const { path, message } of validateOpenCodeConfig(draft.layer.config)) {
    draft.problemAt(path, message);
  }
  checkPermissions(draft);
  checkSubstitutions(draft);
  checkReferences(draft, inherited);
  return draft;
}

function addInstruction(
  draft: LayerDraft,
  { path: file, content }: SourceFile,
  path: string,
): void {
  const name = nameOf(path);
  if (!name) {
    draft.problem({ file, line: 1 }, NAME_FAULT);
    return;
  }
  const text = withoutCarriage(content).trim();
  if (!text) {
    draft.problem(
      { file, line: 1 },
      'is empty; write what holds, or take it out',
    );
    return;
  }
  draft.layer.instructions.push({ name, text });
}

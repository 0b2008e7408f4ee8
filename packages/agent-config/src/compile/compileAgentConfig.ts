import type { Problem, SourceFile, Sources } from '../sources';
import type { AgentConfigLayer, Compilation } from './AgentConfig';
import { compileLayer } from './compileLayer';
import type { LayerDraft } from './LayerDraft';

const TEAMS = /^teams\/([^/]+)\/(.+)$/;

/** `payments-team`, or with a namespace `emea+payments-team`. */
const TEAM = /^(?:([a-z0-9][\w.-]*)\+)?([a-z0-9][\w.-]*)$/i;

/**
 * Compiles sources, and checks them as a whole.
 *
 * Agents, commands and instructions are markdown files, the rest is YAML; a
 * folder `teams/<group>` has the same files again, for the members of a group.
 *
 * @returns the configuration, or all problems at once
 */
export function compileAgentConfig(sources: Sources): Compilation {
  const problems: Problem[] = [...sources.problems];
  const ofOrganisation = sources.files.filter(({ path }) => !TEAMS.test(path));
  const organisation = compileLayer(
    ofOrganisation.map(file => ({ file, path: file.path })),
  );
  problems.push(...organisation.problems);

  const folders = new Map<string, Array<{ file: SourceFile; path: string }>>();
  for (const file of sources.files) {
    const [, folder, path] = TEAMS.exec(file.path) ?? [];
    if (folder) {
      folders.set(folder, [...(folders.get(folder) ?? []), { file, path }]);
    }
  }
  const teams: Array<[string, AgentConfigLayer]> = [];
  for (const [folder, files] of folders) {
    const team = teamOf(folder);
    if (!team || teams.some(([known]) => known === team)) {
      problems.push({
        file: files[0].file.path,
        line: 1,
        message: `the folder "${folder}" has to be the name of a group, such as payments-team, or with its namespace emea+payments-team, and there can be one for each`,
      });
      continue;
    }
    const layer = compileLayer(files, organisation.layer.config.agent);
    problems.push(...layer.problems);
    teams.push([team, finished(layer)]);
  }
  if (problems.length > 0) {
    return { ok: false, problems: sorted(problems) };
  }
  return {
    ok: true,
    config: {
      formatVersion: 1,
      organisation: finished(organisation),
      teams: Object.fromEntries(
        teams.sort(([one], [other]) => (one < other ? -1 : 1)),
      ),
    },
  };
}

function teamOf(folder: string): string | undefined {
  const [, namespace = 'default', name] = TEAM.exec(folder) ?? [];
  return name && `group:${namespace}/${name}`.toLowerCase();
}

function finished({ layer }: LayerDraft): AgentConfigLayer {
  return {
    config: layer.config,
    instructions: layer.instructions,
    clientModels: layer.clientModels,
  };
}

function sorted(problems: Problem[]): Problem[] {
  return problems.sort(
    (a, b) =>
      Number(a.file > b.file) - Number(a.file < b.file) || a.line - b.line,
  );
}

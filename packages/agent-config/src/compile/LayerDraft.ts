import type { Problem } from '../sources';
import type { ParsedYaml } from '../text';
import type { AgentConfigLayer } from './AgentConfig';
import { KeyPath, Location, Locations } from './Locations';

/** A layer while its files are read. */
export class LayerDraft {
  readonly layer: {
    config: Record<string, any>;
    instructions: AgentConfigLayer['instructions'];
    clientModels: AgentConfigLayer['clientModels'];
  } = { config: {}, instructions: [], clientModels: {} };
  readonly locations = new Locations();
  readonly problems: Problem[] = [];

  /** Notes what is wrong with a part of the configuration. */
  problemAt(path: KeyPath, message: string, linesBelow = 0): void {
    const { file, line } = this.locations.of(path);
    this.problem({ file, line: line + linesBelow }, message);
  }

  /** Notes what is wrong in a line. */
  problem({ file, line }: Location, message: string): void {
    this.problems.push({ file, line, message });
  }

  /**
   * Adds something that has a name of its own, such as an agent.
   *
   * @param locate - gets the path below it
   * @returns false when there is one of this name already
   */
  add(
    kind: string,
    name: string,
    value: object,
    locate: (rest: KeyPath) => Location,
  ): boolean {
    const { config } = this.layer;
    const all: Record<string, object> = (config[kind] ??= {});
    // Names become names of files, which some systems do not tell apart by case.
    const taken = Object.keys(all).find(
      known => known.toLowerCase() === name.toLowerCase(),
    );
    if (taken !== undefined) {
      const { file } = this.locations.of([kind, taken]);
      this.problem(
        locate([]),
        `the name "${name}" is taken by ${file}; take another one`,
      );
      return false;
    }
    all[name] = value;
    this.locations.add([kind, name], locate);
    return true;
  }
}

/** Locates what a YAML file says. */
export function locatedIn(
  file: string,
  yaml: ParsedYaml,
  prefix: KeyPath = [],
) {
  return (rest: KeyPath): Location => ({
    file,
    line: yaml.lineOf([...prefix, ...rest]),
  });
}

export { parseMarkdown, withoutCarriage } from './parseMarkdown';
export type { ParsedMarkdown } from './parseMarkdown';
export { parseYaml } from './parseYaml';
export type { ParsedYaml } from './parseYaml';

/** Name of the global with the tools, unless another is asked for. */
export const DEFAULT_NAMESPACE = 'codemode';

/** Names that mean something else on `codemode`. */
export const RESERVED_NAMES: readonly string[] = [
  'tools',
  'search',
  'types',
  'then',
  'toJSON',
];

const IDENTIFIER = /^[A-Za-z_$][\w$]{0,199}$/;

/**
 * Whether code can call a tool of this name. What has another name, such as
 * `GET /users`, can be found and read only.
 */
export function isCallable(name: string): boolean {
  return IDENTIFIER.test(name);
}

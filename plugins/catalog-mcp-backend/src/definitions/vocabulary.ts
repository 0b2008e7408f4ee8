/** Keys whose value illustrates and does not define. */
export const EXAMPLE_KEYS = new Set([
  'example',
  'examples',
  'x-example',
  'x-examples',
  'x-codeSamples',
  'x-code-samples',
]);

/** Keys whose value is data, in which a "$ref" is not a reference. */
export const DATA_KEYS = new Set([...EXAMPLE_KEYS, 'default', 'enum', 'const']);

/** Keys whose value maps names that the author chose, so a property may be called "example" or "default". */
export const NAME_KEYS = new Set([
  '$defs',
  'callbacks',
  'channels',
  'content',
  'definitions',
  'dependentSchemas',
  'headers',
  'links',
  'messages',
  'operations',
  'parameters',
  'patternProperties',
  'properties',
  'responses',
  'schemas',
  'variables',
]);

/** What may stand beside a `$ref` and simply wins over the same key of its target. */
export const ANNOTATION_KEYS = new Set([
  'deprecated',
  'default',
  'description',
  'example',
  'examples',
  'nullable',
  'readOnly',
  'summary',
  'title',
  'writeOnly',
]);

import { InputError } from '@backstage/errors';
import type { CallerCatalog } from '../catalog/CallerCatalog';
import { describeInvalidInput } from '../errors/toolErrors';
import type { CatalogTool } from './CatalogTool';

/**
 * Runs a tool on arguments as they came, with its defaults for those left out.
 *
 * @throws InputError saying which arguments are wrong, and what the tool throws
 */
export async function runTool(
  tool: CatalogTool,
  input: unknown,
  caller: CallerCatalog,
): Promise<Record<string, unknown>> {
  const parsed = tool.input.safeParse(input ?? {});
  if (!parsed.success) {
    throw new InputError(
      describeInvalidInput(parsed.error, input, Object.keys(tool.input.shape)),
    );
  }
  return tool.run(parsed.data, caller);
}

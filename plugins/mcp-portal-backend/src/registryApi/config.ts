import { isIP } from 'node:net';
import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';

/** Who is told of which servers without signing in. */
export type AnonymousView = 'all' | 'none' | 'marked';

/** The `mcpPortal.registry` section of the configuration, as far as the registry API needs it. */
export interface RegistryApiConfig {
  /** What names of servers begin with, in reverse-DNS form. */
  namespace: string;
  anonymous: AnonymousView;
  /** Of one network address. */
  requestsPerMinute: number;
}

const ANONYMOUS: readonly AnonymousView[] = ['all', 'none', 'marked'];

/** Marks the entity of a server that everybody may know of. */
export const VISIBILITY_ANNOTATION = 'prompt-corner.dev/registry-visibility';

/**
 * Reads the configuration; see `config.d.ts` for what each key means.
 *
 * @throws InputError when a value cannot be used
 */
export function readRegistryApiConfig(root: Config): RegistryApiConfig {
  const section = 'mcpPortal.registry';
  const config = root.getOptionalConfig(section);
  const namespace =
    config?.getOptionalString('namespace') ??
    namespaceOf(root.getString('app.baseUrl'));
  if (!/^[a-zA-Z0-9.-]{1,150}$/.test(namespace)) {
    throw new InputError(
      `${section}.namespace is "${namespace}", and has to be letters, digits, "." and "-", such as com.example`,
    );
  }
  const anonymous = config?.getOptionalString('anonymous') ?? 'marked';
  if (!ANONYMOUS.includes(anonymous as AnonymousView)) {
    throw new InputError(
      `${section}.anonymous is "${anonymous}", and has to be ${ANONYMOUS.join(
        ', ',
      )}`,
    );
  }
  const requestsPerMinute =
    config?.getOptionalNumber('requestsPerMinute') ?? 300;
  if (!Number.isInteger(requestsPerMinute) || requestsPerMinute < 1) {
    throw new InputError(
      `${section}.requestsPerMinute has to be a whole number, 1 or more`,
    );
  }
  return {
    namespace,
    anonymous: anonymous as AnonymousView,
    requestsPerMinute,
  };
}

/** Whether everybody may know of a server. @param annotations - of its entity */
export function isPublic(
  anonymous: AnonymousView,
  annotations: Record<string, string>,
): boolean {
  return (
    anonymous === 'all' ||
    (anonymous === 'marked' && annotations[VISIBILITY_ANNOTATION] === 'public')
  );
}

/** The host name of a URL, reversed; an address has no parts that mean anything. */
function namespaceOf(baseUrl: string): string {
  const { hostname } = new URL(baseUrl);
  if (isIP(hostname) || hostname.startsWith('[')) {
    return 'local.portal';
  }
  return hostname.split('.').filter(Boolean).reverse().join('.');
}

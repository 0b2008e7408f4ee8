import { InputError } from '@backstage/errors';
import type { RegisteredClient } from '@prompt-corner/plugin-agent-auth-common';
import type { AgentResources } from '../resources/AgentResources';

const ENTITY_REF =
  /^([A-Za-z][A-Za-z0-9]{0,62}):[A-Za-z0-9-]{1,63}\/[A-Za-z0-9._-]{1,63}$/;

/** What a service does must not be attributed to people. */
const KINDS_OF_PEOPLE = ['user', 'group'];

/**
 * Checks as what a client acts with its own credentials.
 *
 * @throws InputError when it is not the full ref of something that runs by itself
 */
export function checkServiceEntity({ id, entityRef }: RegisteredClient): void {
  if (entityRef === undefined) {
    return;
  }
  const kind = ENTITY_REF.exec(entityRef)?.[1];
  if (!kind) {
    throw new InputError(
      `Client "${id}": the entity "${entityRef}" has to be a full entity ref such as component:default/release-bot`,
    );
  }
  if (KINDS_OF_PEOPLE.includes(kind.toLocaleLowerCase('en-US'))) {
    throw new InputError(
      `Client "${id}": the entity "${entityRef}" has to be something that runs by itself, such as a component; a service never acts as a person or team`,
    );
  }
}

/**
 * Checks what a client may use with its own credentials.
 *
 * @throws InputError when there is no such resource or scope, with those that
 *   exist, or when one is named twice
 */
export function checkServiceResources(
  { id, serviceResources = [] }: RegisteredClient,
  resources: AgentResources,
): void {
  const seen = new Set<string>();
  for (const { audience, scopes } of serviceResources) {
    const resource = resources.named(audience);
    if (!resource) {
      throw new InputError(
        `Client "${id}": there is no resource "${audience}"; there are catalog, proxy and portal/<name>`,
      );
    }
    if (seen.has(resource.audience)) {
      throw new InputError(
        `Client "${id}": the resource "${audience}" stands there twice; put its scopes into one entry`,
      );
    }
    seen.add(resource.audience);
    const known = resource.type.scopes.map(({ name }) => name);
    const unknown = scopes.find(scope => !known.includes(scope));
    if (unknown !== undefined) {
      throw new InputError(
        `Client "${id}": "${audience}" has no scope "${unknown}"; it has ${known.join(
          ', ',
        )}`,
      );
    }
    if (!scopes.length || new Set(scopes).size < scopes.length) {
      throw new InputError(
        `Client "${id}": "${audience}" needs at least one scope, and each only once; it has ${known.join(
          ', ',
        )}`,
      );
    }
  }
}

import type { Provider, Target } from '../providers';

/** Where a request has to go, as something that it refers to lives there. */
export interface Pin {
  /** Name of the provider. */
  provider: string;
  /** Name of the deployment and key. */
  target: string;
}

/**
 * The targets at which a request for something that is kept can be answered:
 * the one that made it, or, when its key was replaced, those of the same
 * deployment, as keys of one account see the same.
 *
 * @returns empty when the deployment is not configured any more
 */
export function pinnedTargets(provider: Provider, { target }: Pin): Target[] {
  const exact = provider.targets.find(({ name }) => name === target);
  if (exact) {
    return [exact];
  }
  const deployment = deploymentOf(target);
  return provider.targets.filter(
    ({ name }) => deploymentOf(name) === deployment,
  );
}

function deploymentOf(target: string): string {
  return target.split('/', 1)[0];
}

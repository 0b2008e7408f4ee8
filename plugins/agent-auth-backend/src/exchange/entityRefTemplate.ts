import {
  KubernetesValidatorFunctions,
  parseEntityRef,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { InputError, NotAllowedError } from '@backstage/errors';
import { claimAt, Claims, isClaimPath } from './claims';

const PLACEHOLDER = /\{\{\s*(.*?)\s*\}\}/g;

/** What a claim may put into a ref. No `:` and no `/`, so that it stays within its place. */
const CLAIM_VALUE = /^[A-Za-z0-9._-]{1,63}$/;

/**
 * Checks the ref of a rule.
 *
 * @param template - full ref, `kind:namespace/name`; namespace and name may hold claims as `{{path}}`
 * @throws InputError saying what is wrong with it
 */
export function checkEntityRefTemplate(template: string): void {
  const paths = placeholdersIn(template);
  const example = template.replace(PLACEHOLDER, 'x');
  if (!/^[A-Za-z][A-Za-z0-9]*:[^:/]+\/[^:/]+$/.test(example)) {
    throw new InputError(
      'has to be a full entity ref such as component:default/shop-pipeline',
    );
  }
  if (!/^[A-Za-z0-9]+:/.test(template)) {
    throw new InputError('has to name the kind without a claim');
  }
  if (!paths.every(isClaimPath) || !isEntityRef(example)) {
    throw new InputError(
      'has to be a valid entity ref; claims stand in it as {{name}} or {{/pointer/to/name}}',
    );
  }
  if (parseEntityRef(example).kind.toLocaleLowerCase('en-US') === 'user') {
    throw new InputError(
      'has to name something that runs by itself, such as a component: exchanged tokens never act for a person',
    );
  }
}

/** Paths of the claims that a template holds. */
export function placeholdersIn(template: string): string[] {
  return [...template.matchAll(PLACEHOLDER)].map(([, path]) => path);
}

/**
 * The ref that a template means for certain claims, in its usual spelling.
 *
 * @throws NotAllowedError naming the claim that cannot be part of a ref
 */
export function fillEntityRef(template: string, claims: Claims): string {
  const ref = template.replace(PLACEHOLDER, (_, path: string) => {
    const value = claimAt(claims, path);
    if (typeof value !== 'string' || !CLAIM_VALUE.test(value)) {
      throw new NotAllowedError(
        `The claim "${path}" is needed to know as what the token acts (${template}); it has to be 1 to 63 letters, digits, ".", "_" or "-"`,
      );
    }
    return value;
  });
  if (!isEntityRef(ref)) {
    throw new NotAllowedError(
      `With the token's claims ${template} is no valid entity ref: ${ref}`,
    );
  }
  return stringifyEntityRef(parseEntityRef(ref));
}

function isEntityRef(ref: string): boolean {
  try {
    const { namespace, name } = parseEntityRef(ref);
    return (
      KubernetesValidatorFunctions.isValidObjectName(name) &&
      KubernetesValidatorFunctions.isValidNamespace(
        namespace.toLocaleLowerCase('en-US'),
      )
    );
  } catch {
    return false;
  }
}

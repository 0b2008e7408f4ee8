import { Entity, parseEntityRef } from '@backstage/catalog-model';
import type { OrganisationModel } from './OrganisationModel';
import type { Facts } from './Question';

/** Subjects of a question about services: enough that none is asked about often. */
const SUBJECTS = 50;

/** Spreads the subjects of a question evenly over all there are. */
export function chooseSubjects<T>(all: T[]): T[] {
  const step = Math.max(1, Math.floor(all.length / SUBJECTS));
  return all.filter((_, index) => index % step === 0).slice(0, SUBJECTS);
}

/** The facts that an answer has when it names certain entities. */
export function factsOfNames(refs: string[]): Facts {
  return { words: refs.map(ref => parseEntityRef(ref).name) };
}

/** The API that a service provides, if it provides one. */
export function apiProvidedBy(
  organisation: OrganisationModel,
  ref: string,
): Entity | undefined {
  const names = (organisation.entity(ref).spec!.providesApis ?? []) as string[];
  return names.length > 0
    ? organisation.entity(`api:default/${names[0]}`)
    : undefined;
}

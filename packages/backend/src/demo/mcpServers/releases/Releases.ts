import { ConflictError, NotFoundError } from '@backstage/errors';
import type { Plan, Release, Stage } from './Release';
import { seedReleases } from './seed';

const STEPS = [
  'Check the error budget',
  'Roll out to 5 % of the instances',
  'Roll out to half of the instances',
  'Roll out to all instances',
];

/** Releases of all services, in memory: each start begins anew. */
export class Releases {
  readonly #releases = seedReleases();

  /** Newest of each service first. */
  list(filter: { service?: string; stage?: Stage } = {}): Release[] {
    const { service, stage } = filter;
    return this.#releases.filter(
      release =>
        (!service || release.service === service) &&
        (!stage || release.stage === stage),
    );
  }

  /** @throws NotFoundError */
  get(service: string, version: string): Release {
    const release = this.list({ service }).find(
      candidate => candidate.version === version,
    );
    if (!release) {
      throw new NotFoundError(
        `${service} has no release ${version}; list_releases tells which there are`,
      );
    }
    return release;
  }

  /** @throws NotFoundError for an unknown service, ConflictError when nothing waits in staging */
  plan(service: string): Plan {
    const current = this.#in(service, 'production');
    const [next] = this.list({ service, stage: 'staging' });
    if (!next) {
      throw new ConflictError(
        `${service} has nothing in staging that could be promoted`,
      );
    }
    return {
      service,
      from: current.version,
      to: next.version,
      changes: next.changes,
      steps: STEPS,
    };
  }

  /** @throws as {@link Releases.plan} */
  promote(service: string): Release {
    const { from, to } = this.plan(service);
    this.get(service, from).stage = 'retired';
    const promoted = this.get(service, to);
    promoted.stage = 'production';
    return promoted;
  }

  /**
   * The release to which a rollback would go.
   *
   * @throws NotFoundError for an unknown service, ConflictError when there is no earlier one
   */
  previous(service: string): { current: Release; previous: Release } {
    const current = this.#in(service, 'production');
    const all = this.list({ service });
    const previous = all
      .slice(all.indexOf(current) + 1)
      .find(({ stage }) => stage === 'retired');
    if (!previous) {
      throw new ConflictError(`${service} has no earlier release`);
    }
    return { current, previous };
  }

  /** @throws as {@link Releases.previous} */
  rollback(service: string): Release {
    const { current, previous } = this.previous(service);
    current.stage = 'staging';
    previous.stage = 'production';
    return previous;
  }

  #in(service: string, stage: Stage): Release {
    const [release] = this.list({ service, stage });
    if (!release) {
      throw new NotFoundError(
        `Nothing of ${service} is in ${stage}; list_releases tells which services there are`,
      );
    }
    return release;
  }
}

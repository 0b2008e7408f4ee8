/** How many entities of each sort an organisation has. */
export interface OrganisationSizes {
  domains: number;
  systems: number;
  services: number;
  libraries: number;
  packages: number;
  apis: number;
  databases: number;
  clickHouseTables: number;
  clusters: number;
  kafkaTopics: number;
  cloudResources: number;
  teams: number;
  users: number;
}

/** The sizes at scale 1, as of a company with about six thousand people: 16,117 entities. */
export const FULL_SIZES: OrganisationSizes = {
  domains: 45,
  systems: 544,
  services: 2_055,
  libraries: 167,
  packages: 122,
  apis: 228,
  databases: 1_302,
  clickHouseTables: 277,
  clusters: 173,
  kafkaTopics: 2_460,
  cloudResources: 1_980,
  teams: 375,
  users: 6_389,
};

/**
 * The sizes at another scale.
 *
 * @param scale - above 0; 1 gives {@link FULL_SIZES}
 */
export function sizesAt(scale: number): OrganisationSizes {
  const scaled = Object.entries(FULL_SIZES).map(([sort, size]) => [
    sort,
    Math.max(2, Math.round(size * scale)),
  ]);
  const sizes: OrganisationSizes = Object.fromEntries(scaled);
  return {
    ...sizes,
    domains: Math.min(sizes.domains, FULL_SIZES.domains),
    teams: Math.max(sizes.teams, 12), // the hierarchy needs a few of each level
  };
}

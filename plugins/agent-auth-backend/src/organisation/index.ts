export { Organisation } from './Organisation';
export type { Membership } from './OrganisationChart';

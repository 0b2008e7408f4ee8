export { startAuthorizingProxy } from './authorizingProxy';
export type { AuthorizingProxy } from './authorizingProxy';
export { findDeviations } from './exceptions';
export type { Deviations } from './exceptions';
export { runClientSuite } from './runClientSuite';
export type { ClientScenario } from './runClientSuite';
export { runAuthorizationSuite, runSuite } from './runSuite';
export type { Check } from './runSuite';

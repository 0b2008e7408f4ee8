/**
 * What the tests of several backend plugins share.
 *
 * @packageDocumentation
 */

export * from './realAuth';
export { FakeAgentAuth, someAgent } from './FakeAgentAuth';
export { catalogEntities, type CatalogEntities } from './catalogEntities';

/**
 * Every model request of the organisation through one place.
 *
 * @packageDocumentation
 */

export { aiProxyPlugin as default } from './plugin';

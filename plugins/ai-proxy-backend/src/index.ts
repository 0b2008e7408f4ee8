/**
 * Every model request of the organisation through one place.
 *
 * @packageDocumentation
 */

export { modelTrafficFirst } from './endpoint';
export { aiProxyPlugin as default } from './plugin';

/**
 * Types, permissions and API client of the AI proxy.
 *
 * @packageDocumentation
 */

export * from './AiProxyClient';
export * from './apis';
export * from './budgets';
export * from './models';
export * from './permissions';
export * from './policy';
export * from './usage';

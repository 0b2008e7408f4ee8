/**
 * Cedar policies from a configuration, and decisions by them.
 *
 * @packageDocumentation
 */

export * from './callers';
export * from './compile';
export * from './CurrentPolicies';
export * from './PolicyLanguage';
export * from './PolicyVocabulary';
export * from './reads';
export * from './requests';
export * from './simulation';
export * from './sources';

/**
 * What the tests of several backend plugins share.
 *
 * @packageDocumentation
 */

export * from './realAuth';

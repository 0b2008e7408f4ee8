export * from './DpopVerifier';

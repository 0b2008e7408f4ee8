export * from './callerAttributes';
export * from './callerParts';

export * from './explain';
export * from './simulatedCaller';

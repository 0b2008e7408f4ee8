export * from './NetworkReader';
export * from './subscriberOf';

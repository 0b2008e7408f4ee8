export * from './ListingDecisions';

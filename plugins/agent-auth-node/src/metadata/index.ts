export * from './agentAuthMetadataFirst';

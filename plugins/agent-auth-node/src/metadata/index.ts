export * from './agentAuthMetadataFirst';
export * from './claudeCodeMetadata';

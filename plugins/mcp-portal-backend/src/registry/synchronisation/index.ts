export * from './PortalUnavailableError';
export * from './remotesToContact';
export * from './SnapshotReader';
export * from './Synchronisation';
export * from './SyncLeases';

export * from './SnapshotReader';
export * from './Synchronisation';
export * from './SyncLeases';

export * from './ConfiguredApproval';
export * from './decisions';
export * from './DefinitionScreen';
export * from './DefinitionStore';
export * from './diffDefinitions';
export * from './pins';
export * from './ServerSnapshot';
export * from './recordedDecisions';
export * from './showInvisible';
export type {
  RecordedSnapshot,
  RecordingRules,
  ScreenedDefinition,
  SnapshotChanges,
} from './SnapshotRecorder';
export * from './suggestedClass';

export * from './createModelPolicyRouter';
export * from './ModelPolicy';
export * from './ModelPolicySimulator';
export * from './ModelQuestion';
export * from './refusalOf';

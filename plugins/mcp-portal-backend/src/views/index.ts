export type { PortalView, ViewedDefinition, ViewedTool } from './PortalView';
export { operationName, PortalViews, targetOf } from './PortalViews';
export type { GrantsOf } from './PortalViews';
export { requiredScope } from './scopes';
export { ServerChoices } from './ServerChoices';

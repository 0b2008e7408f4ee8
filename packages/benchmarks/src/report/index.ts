export { describeMachine, type Machine } from './machine';
export {
  createReport,
  renderMarkdown,
  renderText,
  type Report,
} from './report';

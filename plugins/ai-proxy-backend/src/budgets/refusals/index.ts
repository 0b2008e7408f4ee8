export { refusalOf } from './refusal';
export { amountText } from './texts';

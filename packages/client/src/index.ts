export { ItemTable } from './item-table.ts';

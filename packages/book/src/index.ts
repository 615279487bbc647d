export { Book } from './book.ts';
export { BookChange } from './book-change.ts';
export { BookFault } from './fault.ts';
export { OrderBooks, type OrderBooksOptions } from './order-books.ts';
export { OrderTable, type SavedOrders } from './order-table.ts';
export { OrdersGiver, type SavedRest } from './orders-giver.ts';
export { type Level, PriceLevels } from './price-levels.ts';
export { SlowBook } from './reference.ts';
export { Side } from './side.ts';
